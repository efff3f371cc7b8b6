import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ended, submitChat } from './clients/jobs.js';
import { cacheableChat, chat, embed, summarize } from './clients/requests.js';
import { growth, scrape, type Sample } from './clients/metrics.js';
import { chunksOf } from './expectations/chat-stream.js';
import { requestIdOf } from './expectations/problem.js';
import { eventually } from './expectations/timing.js';
import { providerKey } from './subject/environment.js';
import { needsOwnProcess, useBackend } from './subject/use-backend.js';
import { answersPlausibly, fails, neverAnswers, streamsText } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/chat/completions';

describe('probes', () => {
  test.each(['/livez', '/readyz'])('GET %s is 200 while all is well', async (probe) => {
    const answer = await backend.get(probe);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    expect(answer.json).toMatchObject({ status: 'ok' });
  });

  test('answer while every job and every call hangs', async () => {
    const held = Array.from({ length: 40 }, () =>
      backend.beginPost(path, chat(upstream.scene(neverAnswers))),
    );
    await sleep(300);
    const began = performance.now();
    expect((await backend.get('/livez')).status).toBe(200);
    expect((await backend.get('/readyz')).status).toBe(200);
    expect((await backend.get('/metrics')).status).toBe(200);
    expect(performance.now() - began).toBeLessThan(3_000);
    for (const exchange of held) exchange.leave();
  });
});

const has = (sample: Sample, ...values: string[]) =>
  values.every((value) => Object.values(sample.labels).includes(value));

describe('GET /metrics', () => {
  test('counts and times requests by route template and status', async () => {
    const okay = (sample: Sample) =>
      /^http_.*_count$/u.test(sample.name) && has(sample, path, '200', 'POST');
    const served = await growth(backend.processes, okay, () =>
      backend.post(path, chat(upstream.scene(answersPlausibly()))),
    );
    await eventually('one more request is counted', async () => (await served()) === 1);
    const failing = (sample: Sample) =>
      /^http_.*_count$/u.test(sample.name) && has(sample, path, '502');
    const failed = await growth(backend.processes, failing, () =>
      backend.post(path, chat(upstream.scene(fails(500)))),
    );
    await eventually('one more failure is counted', async () => (await failed()) === 1);
    const buckets = (await scrape(backend.processes)).filter(({ name }) =>
      /^http_.*_seconds_bucket$/u.test(name),
    );
    expect(buckets.map(({ labels }) => labels['le'])).toContain('+Inf');
  });

  test('uses the template of a route, never the path', async () => {
    const { id } = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    await ended(backend, { id });
    await backend.get(`/v1/jobs/${id}/events`);
    const text = (await backend.get('/metrics')).text;
    expect(text).not.toContain(id);
    expect(text).toMatch(/"\/v1\/jobs\/[:{]\w+\}?"/u);
  });

  test('follows OpenTelemetry’s conventions for calls of models', async () => {
    const call = (sample: Sample) =>
      /^gen_ai_client_.*duration.*_count$/u.test(sample.name) &&
      sample.labels['gen_ai_operation_name'] === 'chat' &&
      sample.labels['gen_ai_provider_name'] !== undefined &&
      sample.labels['gen_ai_request_model'] !== undefined;
    const more = await growth(backend.processes, call, () =>
      backend.post(path, chat(upstream.scene(answersPlausibly()))),
    );
    await eventually('one more call is counted', async () => (await more()) === 1);
  });

  test('counts tokens as the upstream reports them, of streams too', async () => {
    for (const kind of ['input', 'output']) {
      const tokens = (sample: Sample) =>
        new RegExp(`^gen_ai_client_.*${kind}_tokens`, 'u').test(sample.name) &&
        /_(?:total|sum)$/u.test(sample.name);
      const more = await growth(backend.processes, tokens, async () => {
        await backend.post(path, chat(upstream.scene(answersPlausibly())));
        const scene = upstream.scene(streamsText(['a']));
        await chunksOf(await backend.stream(path, chat(scene, { stream: true })));
      });
      const each = kind === 'input' ? 11 : 7;
      await eventually('the tokens of both are counted', async () => (await more()) === 2 * each);
    }
  });

  test('times the first chunk of streams', async () => {
    const first = (sample: Sample) =>
      /^gen_ai_client_.*time_to_first_chunk.*_count$/u.test(sample.name);
    const more = await growth(backend.processes, first, async () => {
      const scene = upstream.scene(streamsText(['a']));
      await chunksOf(await backend.stream(path, chat(scene, { stream: true })));
    });
    await eventually('one more first chunk is timed', async () => (await more()) === 1);
  });

  test('counts cache hits and calls that were shared', async () => {
    const [api = backend] = backend.processes;
    const of = (result: string) => (sample: Sample) =>
      /cache|collapsed|coalesced/u.test(
        `${sample.name} ${Object.values(sample.labels).join(' ')}`,
      ) && new RegExp(result, 'u').test(`${sample.name} ${Object.values(sample.labels).join(' ')}`);
    const scene = upstream.scene(async (call) => {
      await call.wait(500);
      await answersPlausibly()(call);
    });
    const shared = await growth(backend.processes, of('collapsed|coalesced'), () =>
      // Of one process: each shares the calls that it makes itself.
      Promise.all([1, 2, 3].map(() => api.post(path, cacheableChat(scene)))),
    );
    await eventually('two shared calls are counted', async () => (await shared()) === 2);
    const hits = await growth(backend.processes, of('hit'), () =>
      backend.post(path, cacheableChat(scene)),
    );
    await eventually('one hit is counted', async () => (await hits()) === 1);
  });

  test('shows how many jobs there are in each state', async () => {
    const running = (sample: Sample) =>
      /job|queue/u.test(sample.name) && has(sample, 'in_progress');
    const scene = upstream.scene(neverAnswers);
    const jobs: { id: string }[] = [];
    // Every process shows the same jobs where they share a store.
    const more = await growth(backend.processes.slice(0, 1), running, async () => {
      jobs.push(await submitChat(backend, chat(scene)));
      await scene.call();
    });
    await eventually('one more job is in progress', async () => (await more()) === 1);
    await backend.send('POST', `/v1/jobs/${String(jobs[0]?.id)}/cancel`);
    await eventually('and then it is not', async () => (await more()) === 0);
  });

  test('no label comes from what a client writes', async () => {
    const free = 'FREE-TEXT-OF-A-CLIENT';
    await backend.post(path, chat({ model: `${free}-model` }));
    await backend.post('/v1/embeddings', embed({ model: `${free}-embedding` }, { user: free }));
    await backend.post(`/v1/tasks/${free}`, {});
    await backend.get(`/v1/models/${free}`);
    await backend.get(`/${free}?${free}=${free}`);
    await backend.send(`POST`, `/v1/jobs/${free}/cancel`);
    await backend.get('/livez', { 'user-agent': free, 'x-request-id': free, host: free });
    const headers = { authorization: `Bearer ${free}`, 'idempotency-key': free, tracestate: free };
    await backend.post(path, chat({ model: 'default' }), headers);
    await backend.post('/v1/jobs', { type: free, request: {} });
    const metadata = { [free]: free };
    await ended(backend, await submitChat(backend, chat({ model: 'default' }), { metadata }));
    for (const each of backend.processes) {
      expect((await each.get('/metrics')).text).not.toContain(free);
    }
  });

  test('the number of series does not grow with the number of clients’ words', async () => {
    const ask = async () => {
      const word = `word-${Math.random().toString(36).slice(2)}`;
      await backend.post(path, chat({ model: word }));
      await backend.get(`/v1/models/${word}`);
      await backend.get(`/${word}`);
    };
    // Each process has to have seen it all once, the scraper too.
    for (let round = 0; round < 3; round += 1) await ask();
    await scrape(backend.processes);
    const before = (await scrape(backend.processes)).length;
    for (let index = 0; index < 20; index += 1) await ask();
    expect((await scrape(backend.processes)).length).toBe(before);
  });
});

describe('logs', () => {
  needsOwnProcess();
  const secret = 'SECRET-PROMPT-OF-A-CLIENT';

  /** The JSON lines that mention a request. */
  function linesAbout(id: string): string[] {
    return backend.deployment.stdout.split('\n').filter((line) => line.includes(id));
  }

  const requests: [string, () => Promise<{ headers: Record<string, unknown> }>][] = [
    ['JSON', () => backend.post(path, chat(upstream.scene(answersPlausibly())))],
    [
      'a stream',
      () => backend.post(path, chat(upstream.scene(streamsText(['a'])), { stream: true })),
    ],
    [
      'a job',
      () =>
        backend.post('/v1/embeddings', embed(upstream.scene(answersPlausibly())), {
          prefer: 'respond-async',
        }),
    ],
    [
      'a task',
      () => backend.post('/v1/tasks/summarize', summarize(upstream.scene(answersPlausibly()))),
    ],
    ['a probe or a page', () => backend.get('/v1/models')],
    ['a bad request', () => backend.post(path, '{')],
    ['an unknown route', () => backend.get('/nowhere')],
  ];

  test.each(requests)('one line tells of each request, with its id: %s', async (_case, request) => {
    const id = requestIdOf((await request()).headers as Record<string, string>);
    await eventually('the line is written', () => linesAbout(id).length > 0, 3_000);
    await sleep(200);
    expect(linesAbout(id)).toHaveLength(1);
  });

  test('the line of a request says what was asked, how it went and how long it took', async () => {
    const id = `contract-${Math.random().toString(36).slice(2)}`;
    await backend.post(path, chat(upstream.scene(fails(500))), { 'x-request-id': id });
    const isAccess = (line: string) => line.includes('502') && line.includes('POST');
    await eventually('the line is written', () => linesAbout(id).some(isAccess), 3_000);
    const values = flatten(JSON.parse(linesAbout(id).find(isAccess) ?? ''));
    expect(values).toEqual(expect.arrayContaining([id, 'POST', 502]));
    expect(values.some((value) => String(value).startsWith(path))).toBe(true);
  });

  test('every line of standard output is JSON with a level and a time', () => {
    const lines = backend.deployment.stdout.split('\n').filter((line) => line !== '');
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      const entry = JSON.parse(line) as Record<string, unknown>;
      expect(Object.keys(entry), line).toEqual(expect.arrayContaining(['level', 'time']));
    }
  });

  test('neither prompts nor answers nor keys are ever written', async () => {
    const clientKey = 'sk-client-key-that-must-not-be-logged';
    const headers = { authorization: `Bearer ${clientKey}` };
    const messages = [{ role: 'user', content: secret }];
    const says = answersPlausibly(secret);
    await backend.post(path, chat(upstream.scene(says), { messages }), headers);
    await backend.post(path, chat(upstream.scene(says), { messages, stream: true }), headers);
    await backend.post(
      path,
      chat(upstream.scene(fails(500, { error: { message: secret } })), { messages }),
      headers,
    );
    await backend.post(
      path,
      chat(upstream.scene(fails(400, { error: { message: secret } })), { messages }),
      headers,
    );
    await backend.post(
      path,
      chat({ model: 'm' }, { messages: [{ role: secret, content: secret }] }),
      headers,
    );
    await backend.post(path, `${secret} is no JSON`, headers);
    await backend.post(path, `{"messages":"${secret}"}`, headers);
    await backend.post('/v1/embeddings', embed(upstream.scene(says), { input: secret }), headers);
    await backend.post('/v1/tasks/summarize', { text: secret }, headers);
    await backend.get(`/v1/models?key=${clientKey}`, headers);
    const failing = await submitChat(
      backend,
      chat(upstream.scene(fails(500, secret)), { messages }),
    );
    const working = await submitChat(backend, chat(upstream.scene(says), { messages }));
    await Promise.all([failing, working].map((each) => ended(backend, each)));
    await sleep(300);
    const { output } = backend.deployment;
    expect(output).not.toContain(secret);
    expect(output).not.toContain(clientKey);
    expect(output).not.toContain(providerKey);
  });
});

function flatten(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(flatten)
    : [value];
}
