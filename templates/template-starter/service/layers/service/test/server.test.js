import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createServer } from '../src/server.js';

const server = createServer();
let url;

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${server.address().port}`;
});
after(() => server.close());

test('it is alive and ready', async () => {
  for (const probe of ['/livez', '/readyz']) assert.equal((await fetch(url + probe)).status, 200);
});

test('what is not there is not found', async () => {
  assert.equal((await fetch(`${url}/nothing`)).status, 404);
});
