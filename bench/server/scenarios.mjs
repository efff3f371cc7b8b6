import { chatRequest, MODEL, PACED_MODEL, SLOW_MODEL } from './messages.mjs';

/**
 * What is measured.
 *
 * `path` names the place in a subject's `paths`, and a subject without it is left out; `per` is what the processor's
 * time is divided by.
 */
export const SCENARIOS = [
  {
    name: 'hello',
    label: 'hello: GET /livez',
    path: 'hello',
    connections: 32,
    per: 'request',
  },
  {
    name: 'cached',
    label: 'cached answer',
    path: 'cached',
    body: chatRequest(MODEL).replace(/,"user":"\d+"/, ''),
    connections: 32,
    per: 'request',
  },
  {
    name: 'proxied',
    label: 'proxied completion',
    path: 'chat',
    body: chatRequest(MODEL),
    connections: 32,
    per: 'request',
  },
  {
    name: 'slow',
    label: '100 ms upstream, 200 connections',
    path: 'chat',
    body: chatRequest(SLOW_MODEL),
    connections: 200,
    per: 'request',
  },
  {
    name: 'streams',
    label: '200 concurrent streams',
    path: 'chat',
    body: chatRequest(PACED_MODEL, { stream: true }),
    connections: 200,
    per: 'event',
    // All streams begin at once; by then they are spread. It takes so long that there is one turn only.
    warmUpSeconds: 3,
    turns: 1,
  },
  {
    name: 'first-byte',
    label: 'first byte of a stream, 1 connection',
    path: 'chat',
    body: chatRequest(MODEL, { stream: true }),
    connections: 1,
    per: 'request',
  },
];

/** The bytes of a scenario's request to a subject. */
export function requestText(scenario, { paths, headers = {} }) {
  const path = paths[scenario.path];
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  if (scenario.body === undefined) {
    return [`GET ${path} HTTP/1.1`, 'host: bench', ...lines, '', ''].join('\r\n');
  }
  return [
    `POST ${path} HTTP/1.1`,
    'host: bench',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(scenario.body)}`,
    ...lines,
    '',
    scenario.body,
  ].join('\r\n');
}
