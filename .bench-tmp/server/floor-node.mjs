/** The same proxy on `node:http` alone: what Node itself costs. */
import { Agent, createServer, request } from 'node:http';
import { COMPLETION } from './messages.mjs';

const UPSTREAM = `${process.env.UPSTREAM}/chat/completions`;
const JSON_TYPE = { 'content-type': 'application/json' };

const agent = new Agent({ keepAlive: true });

const routes = {
  '/livez': (_text, response) => response.writeHead(200, JSON_TYPE).end('{"status":"ok"}'),
  '/v1/constant': (text, response) => {
    JSON.parse(text);
    response.writeHead(200, JSON_TYPE).end(COMPLETION);
  },
  '/v1/chat/completions': (text, response) => {
    const body = JSON.stringify(JSON.parse(text));
    const headers = { ...JSON_TYPE, 'content-length': Buffer.byteLength(body) };
    request(UPSTREAM, { method: 'POST', agent, headers })
      .on('response', (answer) => {
        response.writeHead(answer.statusCode, { 'content-type': answer.headers['content-type'] });
        answer.pipe(response);
      })
      .end(body);
  },
};

createServer((incoming, response) => {
  let text = '';
  incoming.setEncoding('utf8');
  incoming.on('data', (part) => (text += part));
  incoming.on('end', () => routes[incoming.url](text, response));
}).listen(Number(process.env.PORT), '127.0.0.1');
