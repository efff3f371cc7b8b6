import http from 'node:http';
import { routes } from './routes.js';

/** A server with the probes and the routes of routes.js; it does not listen yet. */
export function createServer() {
  return http.createServer(async (request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost');
    const route = { ...probes, ...routes }[`${request.method} ${pathname}`] ?? notFound;
    const { status = 200, body } = await route(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
}

const alive = () => ({ body: { status: 'ok' } });
const probes = { 'GET /livez': alive, 'GET /readyz': alive };
const notFound = () => ({ status: 404, body: { error: 'There is nothing here.' } });
