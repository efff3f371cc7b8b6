/** What `--verify` does with it, in order. */
export const STEPS = ['install', 'lint', 'typecheck', 'test', 'build', 'boot', 'contract'] as const;

/** The least that speaks the contract, as far as it is tried. It keeps the process id of its last start. */
export const SERVER = `
const { createServer } = require('node:http');
require('node:fs').writeFileSync('server.pid', String(process.pid));
const answers = {
  '/livez': () => [200, 'application/json', '{}'],
  '/readyz': () => [200, 'application/json', '{}'],
  '/v1/models': () => [200, 'application/json', '{"object":"list","data":[]}'],
  '/v1/embeddings': () => [200, 'application/json', '{"data":[{"embedding":[1]}]}'],
  '/v1/chat/completions': ({ messages, stream }) => {
    if (!messages) return [400, 'application/problem+json', '{"status":400}'];
    if (stream) return [200, 'text/event-stream', 'data: {}\\n\\ndata: [DONE]\\n\\n'];
    return [200, 'application/json', '{"choices":[{"finish_reason":"stop"}]}'];
  },
};
createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const answer = answers[request.url] ?? (() => [404, 'application/problem+json', '{"status":404}']);
  const [status, type, text] = answer(JSON.parse(body || '{}'));
  response.writeHead(status, { 'content-type': type }).end(text);
}).listen(Number(process.env.PORT), process.env.HOST);
`;

/** The template `mine`, whose commands do as little as they can; `broken` fails. */
export function minimalService(
  broken?: (typeof STEPS)[number],
  facts: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const script = (name: string): readonly string[] =>
    name === broken
      ? ['node', '-e', `console.error('${name} is broken'); process.exit(3)`]
      : ['node', '-e', '0'];
  const commands = Object.fromEntries(STEPS.slice(0, 5).map((name) => [name, script(name)]));
  const start = broken === 'boot' ? script('boot') : ['node', 'server.js'];
  return {
    'mine/template.json': {
      name: 'mine',
      layers: [{ from: 'base' }],
      facts: [
        {
          set: {
            commands: { ...commands, start },
            contract: true,
            probes: { live: '/livez', ready: '/readyz' },
            ...facts,
          },
        },
      ],
    },
    'mine/base/server.js': broken === 'contract' ? SERVER.replace('[DONE]', '{}') : SERVER,
  };
}
