import { describe, expect, test } from 'vitest';
import { ApiKey, apiKeys, KeyHolder } from './clients/api-keys.js';
import type { Client } from './clients/client.js';
import { ended, respondAsync, submitChat } from './clients/jobs.js';
import { RawConnection } from './clients/raw-connection.js';
import { cacheableChat, chat, embed } from './clients/requests.js';
import { scrape } from './clients/metrics.js';
import { apiErrorOf, openai, sdk } from './clients/sdk.js';
import { routes } from './contract-routes.js';
import { expectProblem } from './expectations/problem.js';
import { expectRefusal, prepareDeployment } from './expectations/refusal.js';
import { eventually, within } from './expectations/timing.js';
import { jobList } from './schemas/jobs.js';
import { providerKey } from './subject/environment.js';
import { settings } from './subject/settings.js';
import { needsOwnProcess, useConfiguredBackend } from './subject/use-backend.js';
import { answers, answersPlausibly, waitsFor } from './upstream/scripts.js';
import { completion } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';

/** A key that nobody was given. */
const stranger = new ApiKey('acme');

describe('where keys are configured', () => {
  const acme = new ApiKey('acme');
  const acmeToo = new ApiKey('acme');
  const globex = new ApiKey('globex');
  const backend = useConfiguredBackend(upstream, {
    env: { API_KEYS: apiKeys([acme, acmeToo, globex]), BODY_LIMIT_BYTES: '10000' },
  });
  const [one, sameTenant, other] = [acme, acmeToo, globex].map(
    (key) => new KeyHolder(backend, key),
  ) as [KeyHolder, KeyHolder, KeyHolder];

  describe('who shows none that is known is refused', () => {
    const wrong: [string, Record<string, string>][] = [
      ['no Authorization', {}],
      ['an empty one', { authorization: '' }],
      ['an unknown key', stranger.headers],
      ['no key after Bearer', { authorization: 'Bearer ' }],
      ['a key without Bearer', { authorization: acme.secret }],
      ['another scheme', { authorization: `Basic ${btoa(`acme:${acme.secret}`)}` }],
      ['the hash of a key in its place', { authorization: `Bearer ${acme.hash}` }],
      ['an entry of API_KEYS', { authorization: `Bearer ${apiKeys([acme])}` }],
      ['a key and something more', { authorization: `Bearer ${acme.secret}x` }],
      ['a part of a key', { authorization: `Bearer ${acme.secret.slice(0, -1)}` }],
      ['a key in another case', { authorization: `Bearer ${acme.secret.toUpperCase()}` }],
      ['a very long key', { authorization: `Bearer ${'k'.repeat(8_000)}` }],
      ['the key of the provider', { authorization: `Bearer ${providerKey}` }],
    ];

    test.each(wrong)('%s: 401', async (_case, headers) => {
      const scene = upstream.scene(answersPlausibly());
      for (const answer of [
        await backend.post(path, chat(scene), headers),
        await backend.get('/v1/jobs', headers),
      ]) {
        expectProblem(answer, { status: 401, code: 'invalid_api_key', param: null });
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/u);
      }
      expect(scene.calls.length).toBe(0);
    });

    const calls = routes
      .filter(({ template }) => template.startsWith('/v1/'))
      .flatMap(({ methods, example }) => methods.map((method) => [method, example] as const));

    test.each(calls)('%s %s needs a key', async (method, example) => {
      const answer = await backend.send(method, example);
      expectProblem(answer, { status: 401, code: 'invalid_api_key' });
    });

    test.each([
      ['malformed JSON', { 'content-type': 'application/json' }, '{'],
      ['a wrong content type', { 'content-type': 'text/plain' }, 'x'],
      ['too large a body', { 'content-type': 'application/json' }, `"${'x'.repeat(20_000)}"`],
    ])('before its body is looked at: %s', async (_case, headers, body) => {
      const answer = await backend.send('POST', path, { headers, body });
      expectProblem(answer, { status: 401, code: 'invalid_api_key' });
    });

    test('before its body has arrived', async () => {
      const connection = new RawConnection(backend);
      connection.send(
        `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
      );
      await eventually('it is answered', () => connection.received.includes('\r\n\r\n'), 5_000);
      expect(connection.received).toMatch(/^HTTP\/1\.1 401 /u);
      connection.leave();
    });

    test('as an AuthenticationError of the official SDK', async () => {
      const client = openai(backend, { apiKey: stranger.secret });
      const error = await apiErrorOf(client.models.list());
      expect(error).toBeInstanceOf(sdk.AuthenticationError);
      expect(error).toMatchObject({ code: 'invalid_api_key', type: 'authentication_error' });
    });
  });

  describe('who shows one that is known is served', () => {
    test.each(['Bearer', 'bearer', 'BEARER'])('%s <key>', async (scheme) => {
      for (const { secret } of [acme, acmeToo, globex]) {
        const headers = { authorization: `${scheme} ${secret}` };
        expect((await backend.get('/v1/models', headers)).status).toBe(200);
      }
    });

    test('the official SDK', async () => {
      const client = openai(backend, { apiKey: globex.secret });
      const { model } = upstream.scene(answersPlausibly('Welcome.'));
      const messages = [{ role: 'user' as const, content: 'Hello.' }];
      const answer = await client.chat.completions.create({ model, messages });
      expect(answer.choices[0]?.message.content).toBe('Welcome.');
    });

    test('and the provider never sees it', async () => {
      const scene = upstream.scene(answersPlausibly());
      await one.post(path, chat(scene));
      await ended(one, await submitChat(one, chat(scene)));
      for (const { headers, rawBody } of scene.calls) {
        expect(headers.authorization).toBe(`Bearer ${providerKey}`);
        expect(JSON.stringify(headers) + rawBody).not.toContain(acme.secret);
        expect(JSON.stringify(headers) + rawBody).not.toContain(acme.hash);
      }
      expect(scene.calls.length).toBe(2);
    });
  });

  test.each(['/livez', '/readyz', '/metrics', '/openapi.json', '/docs'])(
    'GET %s needs no key',
    async (page) => {
      for (const headers of [{}, stranger.headers]) {
        expect((await backend.get(page, headers)).status).toBeLessThan(400);
      }
    },
  );

  describe('a tenant’s jobs', () => {
    test('are not there for another tenant', async () => {
      const release = gate();
      const scene = upstream.scene(waitsFor(release));
      const live = await submitChat(one, chat(scene));
      const done = await submitChat(one, chat(upstream.scene(answersPlausibly())));
      await ended(one, done);
      await scene.call();
      for (const { urls } of [live, done]) {
        for (const [method, page] of [
          ['GET', urls.self],
          ['GET', urls.events],
          ['POST', urls.cancel],
          ['DELETE', urls.self],
        ] as const) {
          const answer = await other.send(method, page);
          expectProblem(answer, { status: 404, code: 'job_not_found' });
        }
      }
      const { data } = (await other.get('/v1/jobs?limit=100')).as(jobList);
      const ids = data.map(({ id }) => id);
      expect(ids).not.toContain(live.id);
      expect(ids).not.toContain(done.id);
      release.open();
      expect((await ended(one, live)).status, 'and nothing was done to them').toBe('completed');
      expect((await one.get(done.urls.self)).status).toBe(200);
    });

    test('are listed for each tenant by itself, page after page', async () => {
      for (const client of [one, other, one, other]) {
        await submitChat(client, chat(upstream.scene(answersPlausibly())));
      }
      const seen = new Map<KeyHolder, string[]>();
      for (const client of [one, other]) {
        const ids: string[] = [];
        let cursor: string | null = null;
        do {
          const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
          const page = (await client.get(`/v1/jobs?limit=1${query}`)).as(jobList);
          ids.push(...page.data.map(({ id }) => id));
          cursor = page.next_cursor;
        } while (cursor !== null);
        seen.set(client, ids);
      }
      const both = [...(seen.get(one) ?? []), ...(seen.get(other) ?? [])];
      expect(seen.get(other)?.length).toBeGreaterThanOrEqual(2);
      expect(new Set(both).size).toBe(both.length);
    });

    test('are there for every key of the tenant', async () => {
      const accepted = await submitChat(one, chat(upstream.scene(answersPlausibly())));
      expect((await ended(sameTenant, accepted)).status).toBe('completed');
      const { data } = (await sameTenant.get('/v1/jobs')).as(jobList);
      expect(data.map(({ id }) => id)).toContain(accepted.id);
    });
  });

  describe('a tenant’s cached answers', () => {
    const numbered = (...numbers: number[]) =>
      numbers.map((n) => answers(completion({ content: `answer ${String(n)}` })));

    test('are not another’s: the same body of two tenants is two upstream calls', async () => {
      const [first = answersPlausibly(), ...rest] = numbered(1, 2);
      const scene = upstream.scene(first, ...rest);
      const mine = await one.post(path, cacheableChat(scene));
      const theirs = await other.post(path, cacheableChat(scene));
      expect(theirs.headers['cache-status']).toBe('inference; fwd=miss');
      expect(theirs.text).not.toBe(mine.text);
      expect(scene.calls.length).toBe(2);
    });

    test('nor are embeddings', async () => {
      const scene = upstream.scene(answersPlausibly());
      for (const client of [one, other]) await client.post('/v1/embeddings', embed(scene));
      expect(scene.calls.length).toBe(2);
    });

    test('are shared by the keys of the tenant', async () => {
      const scene = upstream.scene(answersPlausibly());
      const first = await one.post(path, cacheableChat(scene));
      const second = await sameTenant.post(path, cacheableChat(scene));
      expect(second.headers['cache-status']).toBe('inference; hit');
      expect(second.text).toBe(first.text);
      expect(scene.calls.length).toBe(1);
    });

    test('two tenants share no call that is in flight', async () => {
      const release = gate();
      const scene = upstream.scene(waitsFor(release));
      const mine = one.post(path, cacheableChat(scene));
      await scene.call(0);
      const theirs = other.post(path, cacheableChat(scene));
      expect(await within(5_000, scene.call(1))).not.toBe('late');
      release.open();
      for (const answer of await Promise.all([mine, theirs])) expect(answer.status).toBe(200);
    });
  });

  test('no key and no hash of one is ever written, known or not', async () => {
    const scene = upstream.scene(answersPlausibly());
    await one.post(path, chat(scene));
    await one.post('/v1/embeddings', embed(scene), respondAsync);
    await backend.post(path, chat(scene), stranger.headers);
    await backend.get(`/v1/models?api_key=${acme.secret}`, acme.headers);
    await backend.get(`/v1/jobs/${acme.secret}`, acme.headers);
    await backend.get('/v1/models', { authorization: acme.secret });
    await backend.post(path, `${acme.secret} is no JSON`, acme.headers);
    const metrics = await backend.get('/metrics');
    const { output } = backend.deployment;
    for (const { secret, hash } of [acme, acmeToo, globex, stranger]) {
      expect(output).not.toContain(secret);
      expect(output).not.toContain(hash);
      expect(metrics.text).not.toContain(secret);
      expect(metrics.text).not.toContain(hash);
    }
  });
});

describe('a thousand keys', () => {
  const keys = Array.from({ length: 1_000 }, (_, n) => new ApiKey(`tenant-${String(n)}`));
  const backend = useConfiguredBackend(upstream, { env: { API_KEYS: apiKeys(keys) } });

  test('are all known, and make no metric grow', async () => {
    const scene = upstream.scene(answersPlausibly());
    const ask = async (key: ApiKey, asked: Client = backend) => {
      const answer = await asked.post(path, cacheableChat(scene), key.headers);
      expect(answer.status, answer.text).toBe(200);
      await asked.get('/v1/jobs', key.headers);
    };
    // Each process has to have seen it all once, the scraper too.
    const { apis } = backend.deployment;
    const others = keys.slice(apis.length);
    for (const [index, api] of apis.entries()) await ask(keys[index] ?? stranger, api);
    await scrape(backend.processes);
    const before = (await scrape(backend.processes)).length;
    for (let index = 0; index < others.length; index += 50) {
      await Promise.all(others.slice(index, index + 50).map((key) => ask(key)));
    }
    expect((await scrape(backend.processes)).length).toBe(before);
    expect(scene.calls.length).toBe(keys.length);
  });
});

describe('where no keys are configured', () => {
  const backend = useConfiguredBackend(upstream, {});

  test('a development process runs open, and says so in its log', async () => {
    for (const headers of [{}, stranger.headers]) {
      expect((await backend.get('/v1/models', headers)).status).toBe(200);
    }
    for (const { stdout } of backend.deployment.apis) {
      expect(stdout).toMatch(/API[_ ]keys?/iu);
    }
  });
});

describe('in production', () => {
  needsOwnProcess();
  const key = new ApiKey('acme');

  test('without keys the process refuses to start', async () => {
    const env = { ...settings.production };
    const output = await expectRefusal(upstream, { env }, ['API_KEYS']);
    expect(output).not.toMatch(/\bPROVIDER\b/u);
  });

  test('without keys and without a provider, too, and names both', async () => {
    const env = { ...settings.production, PROVIDER: undefined };
    await expectRefusal(upstream, { env }, ['API_KEYS', 'PROVIDER']);
  });

  test('with both it serves', async () => {
    const env = { ...settings.production, API_KEYS: apiKeys([key]) };
    const backend = await (await prepareDeployment(upstream, { env })).startApi();
    expect((await backend.get('/v1/models')).status).toBe(401);
    expect((await backend.get('/v1/models', key.headers)).status).toBe(200);
  });
});

describe('API_KEYS that cannot be read stops the start, and is not repeated', () => {
  needsOwnProcess();
  const { secret, hash } = new ApiKey('acme');

  test.each([
    ['a key in place of its hash', `acme:${secret}`],
    ['a hash without a tenant', hash],
    ['an empty tenant', `:${hash}`],
    ['half a hash', `acme:${hash.slice(32)}`],
    ['a bad one among good ones', `acme:${hash},globex:${secret}`],
    ['only a comma', ','],
  ])('%s', async (_case, value) => {
    const output = await expectRefusal(upstream, { env: { API_KEYS: value } }, ['API_KEYS']);
    expect(output).not.toContain(secret);
    expect(output).not.toContain(hash);
  });
});
