import { describe, expect, test } from 'vitest';
import { Answer } from './clients/client.js';
import { RawConnection } from './clients/raw-connection.js';
import { chat, embed, summarize } from './clients/requests.js';
import { routes } from './contract-routes.js';
import { expectNoInnards, expectProblem, requestIdOf } from './expectations/problem.js';
import { eventually, within } from './expectations/timing.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { answersPlausibly, streamsText } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const json = { 'content-type': 'application/json' };
const postRoutes = ['/v1/chat/completions', '/v1/embeddings', '/v1/tasks/summarize', '/v1/jobs'];

describe('404: what does not exist', () => {
  test.each([
    '/',
    '/v1',
    '/v1/',
    '/v2/chat/completions',
    '/v1/chat',
    '/v1/chat/completions/extra',
    '/index.html',
    '/.env',
    '/favicon.ico',
  ])('GET %s is a problem, not a page', async (path) => {
    expectProblem(await backend.get(path), { status: 404, code: 'not_found', param: null });
  });

  test('an unknown task is an unknown route', async () => {
    const answer = await backend.post('/v1/tasks/no-such-task', {});
    expectProblem(answer, { status: 404, code: 'not_found' });
  });

  test('an unknown route is 404 whatever the method and the body', async () => {
    const answer = await backend.post('/v1/unheard-of', '{"broken', {});
    expectProblem(answer, { status: 404, code: 'not_found' });
  });

  test.each([
    ['GET', '/v1/jobs/job_00000000000000000000000000000000'],
    ['GET', '/v1/jobs/nonsense'],
    ['DELETE', '/v1/jobs/job_00000000000000000000000000000000'],
    ['GET', '/v1/jobs/job_00000000000000000000000000000000/events'],
    ['POST', '/v1/jobs/job_00000000000000000000000000000000/cancel'],
  ])('%s %s is 404 job_not_found', async (method, path) => {
    expectProblem(await backend.send(method, path), { status: 404, code: 'job_not_found' });
  });
});

describe('405: the wrong method', () => {
  const wrong = routes.flatMap(({ methods, example }) =>
    ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
      .filter((method) => !methods.some((each) => each === method))
      .map((method) => ({ method, path: example, methods })),
  );

  test.each(wrong)(
    '$method $path names the methods that are allowed',
    async ({ method, path, methods }) => {
      const answer = await backend.send(method, path);
      expectProblem(answer, { status: 405, code: 'method_not_allowed' });
      const allowed = answer.header('allow').split(/\s*,\s*/u);
      expect(allowed.filter((each) => !['HEAD', 'OPTIONS'].includes(each)).toSorted()).toEqual(
        [...methods].toSorted(),
      );
    },
  );

  test('a method that some servers know is refused as a problem, too', async () => {
    const answer = await backend.send('PROPFIND', '/v1/models');
    expect([404, 405, 501], answer.text).toContain(answer.status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/u);
    requestIdOf(answer.headers);
  });

  test('where GET is served, HEAD is served (RFC 9110)', async () => {
    for (const path of ['/livez', '/v1/models', '/v1/jobs']) {
      const answer = await backend.send('HEAD', path);
      expect([path, answer.status, answer.text]).toEqual([path, 200, '']);
    }
  });
});

describe('400: what is not JSON', () => {
  test.each([
    ['nothing', ''],
    ['white space', '  \n'],
    ['half an object', '{"model":"m","messages":[{"role":"us'],
    ['words', 'SECRET hello'],
    ['single quotes', "{'model':'m'}"],
    ['a comma too many', '{"model":"m",}'],
    ['two values', '{}{}'],
    ['NaN', '{"model":NaN}'],
  ])('%s is 400 invalid_json', async (_case, body) => {
    for (const path of postRoutes) {
      const answer = await backend.post(path, body);
      expectProblem(answer, { status: 400, code: 'invalid_json', param: null });
    }
  });

  test('the answer does not repeat the body', async () => {
    const answer = await backend.post('/v1/chat/completions', 'SECRET hello');
    expect(answer.text).not.toContain('SECRET');
  });

  test('a nesting of a hundred thousand lists does no harm', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = await backend.post('/v1/chat/completions', deep);
    expect([400, 413]).toContain(answer.status);
    expectNoInnards(answer.text);
    expect((await backend.get('/livez')).status).toBe(200);
  });

  test('keys with a meaning in some languages are fields like any other', async () => {
    const scene = upstream.scene(answersPlausibly());
    const body = JSON.stringify(chat(scene)).replace(
      /\}$/u,
      ',"vendor":{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}}',
    );
    const answer = await backend.post('/v1/chat/completions', body);
    // Refusing them is fair; passing them on is, too.
    expect([200, 400]).toContain(answer.status);
    const after = await backend.post('/v1/chat/completions', chat(scene));
    expect(after.status).toBe(200);
    expect(after.text).not.toContain('polluted');
  });
});

describe('415: what does not call itself JSON', () => {
  test.each([
    ['no content type', undefined],
    ['text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['multipart', 'multipart/form-data; boundary=x'],
    ['XML', 'application/xml'],
    ['a content type that is none', 'nonsense'],
  ])('%s is 415', async (_case, type) => {
    for (const path of postRoutes) {
      const answer = await backend.send('POST', path, {
        headers: type === undefined ? {} : { 'content-type': type },
        body: JSON.stringify(chat({ model: 'm' })),
      });
      expectProblem(answer, { status: 415, code: 'unsupported_media_type' });
    }
  });

  test.each([
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
  ])('%s is JSON', async (type) => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/chat/completions', chat(scene), {
      'content-type': type,
    });
    expect(answer.status, answer.text).toBe(200);
  });
});

describe('413: too large a body', () => {
  const small = useConfiguredBackend(upstream, { env: { BODY_LIMIT_BYTES: '2000' } });
  const request = (size: number): string => {
    const text = JSON.stringify(chat({ model: 'm' }, { padding: '' }));
    return text.replace('"padding":""', `"padding":"${'x'.repeat(size - text.length)}"`);
  };

  test('a body as large as the limit is served, one byte more is 413', async () => {
    const served = await small.post('/v1/chat/completions', request(2_000));
    expect(served.status, served.text).toBe(200);
    const refused = await small.post('/v1/chat/completions', request(2_001));
    expectProblem(refused, { status: 413, code: 'payload_too_large' });
  });

  test('the limit is of bytes, not of characters', async () => {
    const wide = request(1_990).replace(/x{600}/u, 'ü'.repeat(600));
    const answer = await small.post('/v1/chat/completions', wide);
    expectProblem(answer, { status: 413, code: 'payload_too_large' });
  });

  test('a body without a length is counted as it comes', async () => {
    const answer = await small.send('POST', '/v1/embeddings', {
      headers: { ...json, 'transfer-encoding': 'chunked' },
      body: request(10_000),
    });
    expectProblem(answer, { status: 413, code: 'payload_too_large' });
  });

  test.each([
    ['with a length', {}],
    ['without a length', { 'transfer-encoding': 'chunked' }],
  ])('a client that sends on regardless gets to read the answer: %s', async (_case, headers) => {
    const body = request(5_000_000);
    // Whether the answer survives a connection that is closed too soon is a matter of luck; so more than once.
    for (let attempt = 0; attempt < 25; attempt += 1) {
      const length =
        'transfer-encoding' in headers ? {} : { 'content-length': String(body.length) };
      const answer = await small.send('POST', '/v1/jobs', {
        headers: { ...json, ...headers, ...length },
        body,
      });
      expectProblem(answer, { status: 413, code: 'payload_too_large' });
    }
  });
});

describe('413 by default', () => {
  test('four MiB are the limit', async () => {
    const answer = await backend.post('/v1/chat/completions', `"${'x'.repeat(4_194_304)}"`);
    expectProblem(answer, { status: 413, code: 'payload_too_large' });
  });
});

describe('431: too large headers', () => {
  test('are answered as a problem', async () => {
    const answer = await backend.get('/v1/models', { 'x-padding': 'x'.repeat(100_000) });
    expectProblem(answer, { status: 431, code: 'headers_too_large' });
  });

  test('and the backend goes on', async () => {
    expect((await backend.get('/livez')).status).toBe(200);
  });
});

describe('nonsense', () => {
  test.each([
    '/v1/models/%ZZ',
    '/v1/models/%',
    '/v1/jobs/%ff%fe',
    '/v1/jobs/..%2f..%2fetc%2fpasswd',
    '/v1/jobs/%00',
    '//',
    '/v1//models',
    '/v1/jobs?limit=%ZZ',
    `/v1/jobs/${'x'.repeat(5_000)}`,
  ])('GET %s is a problem', async (path) => {
    const answer = await backend.get(path);
    expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json\b/u);
    requestIdOf(answer.headers);
    expectNoInnards(answer.text);
  });

  test('bytes that are no HTTP are refused, and the connection closed', async () => {
    const connection = new RawConnection(backend);
    connection.send('THIS IS NOT HTTP\r\n\r\n');
    expect(await within(5_000, connection.closed)).not.toBe('late');
    expect(connection.received).toMatch(/^HTTP\/1\.1 400 /u);
    expectNoInnards(connection.received);
  });
});

describe('x-request-id', () => {
  const answersOfEveryKind: [string, () => Promise<Answer>][] = [
    [
      'a completion',
      () => backend.post('/v1/chat/completions', chat(upstream.scene(answersPlausibly()))),
    ],
    ['embeddings', () => backend.post('/v1/embeddings', embed(upstream.scene(answersPlausibly())))],
    [
      'a task',
      () => backend.post('/v1/tasks/summarize', summarize(upstream.scene(answersPlausibly()))),
    ],
    [
      'a stream',
      () =>
        backend.post(
          '/v1/chat/completions',
          chat(upstream.scene(streamsText(['x'])), { stream: true }),
        ),
    ],
    [
      'an accepted job',
      () =>
        backend.post('/v1/embeddings', embed(upstream.scene(answersPlausibly())), {
          prefer: 'respond-async',
        }),
    ],
    ['the models', () => backend.get('/v1/models')],
    ['a probe', () => backend.get('/livez')],
    ['the metrics', () => backend.get('/metrics')],
    ['the OpenAPI document', () => backend.get('/openapi.json')],
    ['an unknown route', () => backend.get('/nowhere')],
    ['a wrong method', () => backend.send('PUT', '/v1/models')],
    ['a wrong content type', () => backend.send('POST', '/v1/embeddings', { body: 'x' })],
    ['malformed JSON', () => backend.post('/v1/embeddings', '{')],
    ['too large headers', () => backend.get('/livez', { 'x-padding': 'x'.repeat(100_000) })],
  ];

  test.each(answersOfEveryKind)('stands on %s', async (_case, request) => {
    const answer = await request();
    requestIdOf(answer.headers);
  });

  test('is the client’s own when it is well formed', async () => {
    for (const id of ['abc', 'A-b_c.9', 'x'.repeat(128)]) {
      const headers = { 'x-request-id': id };
      expect((await backend.get('/v1/models', headers)).headers['x-request-id']).toBe(id);
      const problem = await backend.get('/nowhere', headers);
      expect(problem.headers['x-request-id']).toBe(id);
      expect(expectProblem(problem, { status: 404, code: 'not_found' }).instance).toBe(
        `/requests/${id}`,
      );
    }
  });

  test.each(['has space', 'x'.repeat(129), '<script>', 'a/b', 'a"b', 'a;b', ''])(
    'is a new one when the client’s is %j',
    async (id) => {
      const answer = await backend.get('/v1/models', { 'x-request-id': id });
      expect(answer.headers['x-request-id']).toMatch(/^req_[0-9a-f]{32}$/u);
    },
  );

  test('is a new one for each request', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => backend.get('/livez')));
    expect(new Set(answers.map(({ headers }) => headers['x-request-id'])).size).toBe(20);
  });
});

describe('a client that leaves while it is sending', () => {
  test('does no harm', async () => {
    const connection = new RawConnection(backend);
    connection.send(
      'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"mod',
    );
    connection.leave();
    await eventually('livez answers', async () => (await backend.get('/livez')).status === 200);
  });
});
