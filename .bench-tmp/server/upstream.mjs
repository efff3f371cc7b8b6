/** A provider on plain `node:http`, which answers as OpenAI's API does. The model's name says how quickly. */
import { createServer } from 'node:http';
import {
  chunkEvent,
  COMPLETION,
  DONE_EVENT,
  PACES,
  SLOW_MODEL,
  SLOW_MS,
  usageEvent,
} from './messages.mjs';

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (part) => (body += part));
  request.on('end', () => answer(body, response));
});
// By default longer than any pause between two scenarios: no subject pays for new connections.
server.keepAliveTimeout = Number(process.env.KEEP_ALIVE_MS ?? 600_000);
server.listen(Number(process.env.PORT), '127.0.0.1');

/** Looks for what it needs in the text: to parse it would make the load's core the narrow place. */
function answer(body, response) {
  const model = /"model":"([\w-]+)"/.exec(body)?.[1];
  const send = body.includes('"stream":true') ? sendStream : sendCompletion;
  if (model === SLOW_MODEL) setTimeout(send, SLOW_MS, response, model, body);
  else send(response, model, body);
}

function sendCompletion(response) {
  response.writeHead(200, { 'content-type': 'application/json' }).end(COMPLETION);
}

function sendStream(response, model, body) {
  const { chunks, intervalMs } = PACES[model] ?? PACES.bench;
  const includeUsage = body.includes('"include_usage":true');
  const word = chunkEvent({ delta: { content: ' bicycle' }, includeUsage });
  let sent = 0;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(chunkEvent({ delta: { role: 'assistant', content: '' }, includeUsage }));
  const timer = setInterval(() => {
    sent += 1;
    if (sent < chunks - 1) {
      response.write(word);
      return;
    }
    clearInterval(timer);
    response.write(chunkEvent({ finishReason: 'stop', includeUsage }));
    response.end((includeUsage ? usageEvent(chunks) : '') + DONE_EVENT);
  }, intervalMs);
  response.on('close', () => clearInterval(timer));
}
