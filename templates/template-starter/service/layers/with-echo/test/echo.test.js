import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createServer } from '../src/server.js';

const server = createServer();
let url;

before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${server.address().port}/echo`;
});
after(() => server.close());

test('it answers with what it was sent', async () => {
  const response = await fetch(url, { method: 'POST', body: '{"hello":"world"}' });
  assert.deepEqual(await response.json(), { hello: 'world' });
});

test('it refuses what is not JSON', async () => {
  assert.equal((await fetch(url, { method: 'POST', body: '{' })).status, 400);
});
