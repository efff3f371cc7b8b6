import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cacheableChat, chat, embed, summarize, weatherTool } from './clients/requests.js';
import {
  cancel,
  ended,
  endOf,
  getJob,
  reaches,
  respondAsync,
  submit,
  submitChat,
} from './clients/jobs.js';
import { expectProblem, requestIdOf } from './expectations/problem.js';
import { expectAbortWithinASecond } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import { job, jobList, terminal, type Job } from './schemas/jobs.js';
import { useBackend } from './subject/use-backend.js';
import { completion, errorBody, toolCalls, usage } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import {
  answers,
  answersPlausibly,
  fails,
  neverAnswers,
  streamsText,
  streamsWithoutEnd,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);

// White space, key order and numbers that nobody would produce by writing the value anew.
const peculiar =
  '{ "id":"chatcmpl-1" ,"vendor":12345678901234567890, "object":"chat.completion","created":1,"model":"m\\u002d1",\n "usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3},"choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"\\u00fc"}}]}';

describe('Prefer: respond-async', () => {
  test.each([
    ['/v1/chat/completions', 'chat.completion', chat],
    ['/v1/embeddings', 'embedding', embed],
    ['/v1/tasks/summarize', 'summarize', summarize],
    ['/v1/tasks/chat.completion', 'chat.completion', chat],
    ['/v1/tasks/embedding', 'embedding', embed],
  ] as const)('makes POST %s a job', async (path, type, request) => {
    const held = gate();
    const scene = upstream.scene(waitsFor(held));
    const answer = await backend.post(path, request(scene), respondAsync);
    expect(answer.status, answer.text).toBe(202);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    const accepted = answer.as(job);
    expect(answer.headers.location).toBe(`/v1/jobs/${accepted.id}`);
    expect(answer.headers['preference-applied']).toBe('respond-async');
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/u);
    requestIdOf(answer.headers);
    expect(accepted.type).toBe(type);
    expect(terminal).not.toContain(accepted.status);
    held.open();
    expect((await ended(backend, accepted)).status).toBe('completed');
  });

  test.each([
    'respond-async',
    'RESPOND-ASYNC',
    'handling=lenient, respond-async',
    'respond-async; x=1',
  ])('is read as RFC 7240 says: Prefer: %s', async (prefer) => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/embeddings', embed(scene), { prefer });
    expect(answer.status).toBe(202);
  });

  test('any other preference changes nothing', async () => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/embeddings', embed(scene), { prefer: 'return=minimal' });
    expect(answer.status).toBe(200);
    expect(answer.headers['preference-applied']).toBeUndefined();
  });

  test('a request that is wrong is refused at once', async () => {
    const answer = await backend.post('/v1/chat/completions', { model: 'm' }, respondAsync);
    expectProblem(answer, { status: 400, code: 'invalid_request', param: 'messages' });
  });
});

describe('POST /v1/jobs', () => {
  test('accepts a task by its name', async () => {
    const scene = upstream.scene(answersPlausibly());
    const metadata = { ticket: 'T-1', ünïcode: '✓' };
    const body = { type: 'chat.completion', request: chat(scene), metadata, priority: 5 };
    const answer = await backend.post('/v1/jobs', body);
    expect(answer.status, answer.text).toBe(202);
    const accepted = answer.as(job);
    expect(answer.headers.location).toBe(`/v1/jobs/${accepted.id}`);
    expect(answer.headers['retry-after']).toMatch(/^[1-9]\d*$/u);
    expect(answer.headers['preference-applied']).toBeUndefined();
    expect(accepted).toMatchObject({
      type: 'chat.completion',
      metadata,
      result: null,
      error: null,
      usage: null,
      completed_at: null,
      cancel_requested_at: null,
      urls: {
        self: `/v1/jobs/${accepted.id}`,
        events: `/v1/jobs/${accepted.id}/events`,
        cancel: `/v1/jobs/${accepted.id}/cancel`,
      },
    });
    const now = Date.now() / 1000;
    expect(Math.abs(accepted.created_at - now), 'created_at is in unix seconds').toBeLessThan(60);
    expect(accepted.expires_at).toBeGreaterThan(accepted.created_at);
    await ended(backend, accepted);
  });

  const request = { text: 'Some text.' };
  test.each<[string, unknown, string | RegExp | null]>([
    ['no type', { request }, 'type'],
    ['an unknown type', { type: 'no-such-task', request }, 'type'],
    ['a type that every JavaScript object has', { type: 'constructor', request }, 'type'],
    ['no request', { type: 'summarize' }, /^request/u],
    [
      'a request that the task refuses',
      { type: 'chat.completion', request: { model: 'm' } },
      /messages$/u,
    ],
    ['metadata that is no object', { type: 'summarize', request, metadata: 'x' }, 'metadata'],
    ['metadata that is no text', { type: 'summarize', request, metadata: { a: 1 } }, /^metadata/u],
    [
      'seventeen metadata',
      {
        type: 'summarize',
        request,
        metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${String(n)}`, 'v'])),
      },
      'metadata',
    ],
    ['a priority above 100', { type: 'summarize', request, priority: 101 }, 'priority'],
    ['a negative priority', { type: 'summarize', request, priority: -1 }, 'priority'],
    ['a broken priority', { type: 'summarize', request, priority: 1.5 }, 'priority'],
    ['a deadline of zero', { type: 'summarize', request, deadline_seconds: 0 }, 'deadline_seconds'],
    ['an unknown field', { type: 'summarize', request, surprise: 1 }, /^(?:surprise)?$/u],
  ])('%s is 400', async (_case, body, param) => {
    const answer = await backend.post('/v1/jobs', body);
    const { error } = expectProblem(answer, { status: 400, code: 'invalid_request' });
    if (param instanceof RegExp) expect(error.param ?? '').toMatch(param);
    else expect(error.param).toBe(param);
  });

  test('sixteen metadata are fine', async () => {
    const scene = upstream.scene(answersPlausibly());
    const metadata = Object.fromEntries(
      Array.from({ length: 16 }, (_, n) => [`k${String(n)}`, 'v']),
    );
    const accepted = await submitChat(backend, chat(scene), { metadata });
    expect(accepted.metadata).toEqual(metadata);
  });
});

describe('a job goes from queued over in_progress to its end', () => {
  test('completed, with times, usage and result', async () => {
    const held = gate();
    const scene = upstream.scene(answers(completion(), { after: held.opened }));
    const accepted = await submitChat(backend, chat(scene));
    const running = await reaches(backend, accepted, 'in_progress');
    expect(running).toMatchObject({ attempt: 1, completed_at: null, result: null });
    expect(running.started_at).toBeGreaterThanOrEqual(accepted.created_at);
    held.open();
    const done = await ended(backend, accepted);
    expect(done).toMatchObject({ status: 'completed', attempt: 1, error: null, usage });
    expect(done.result).toEqual(completion());
    expect(done.completed_at).toBeGreaterThanOrEqual(running.started_at ?? 0);
    expect(done.expires_at).toBeGreaterThanOrEqual(done.completed_at ?? 0);
    expect(scene.calls.length).toBe(1);
  });

  test('failed, with the error that the synchronous route would have answered', async () => {
    const failure = errorBody(
      'Your request was flagged.',
      'invalid_request_error',
      'flagged',
      'messages',
    );
    for (const [status, body] of [
      [400, failure],
      [500, errorBody('x', 'server_error')],
    ] as const) {
      const scene = upstream.scene(fails(status, body));
      const synchronous = await backend.post('/v1/chat/completions', chat(scene));
      const failed = await ended(backend, await submitChat(backend, chat(scene)));
      expect(failed).toMatchObject({ status: 'failed', result: null, usage: null });
      expect({ error: failed.error }).toEqual({
        error: (synchronous.json as { error: unknown }).error,
      });
    }
  });

  test('its result is byte for byte the body of the synchronous route', async () => {
    const scene = upstream.scene(answers(peculiar));
    const synchronous = await backend.post('/v1/chat/completions', chat(scene));
    const answer = await endOf(backend, await submitChat(backend, chat(scene)));
    expect(synchronous.text).toBe(peculiar);
    expect(answer.text).toContain(`"result":${peculiar}`);
  });

  test.each([
    ['/v1/embeddings', embed],
    ['/v1/tasks/summarize', summarize],
    ['/v1/tasks/chat.completion', chat],
  ] as const)('so it is of POST %s', async (path, request) => {
    const scene = upstream.scene(answersPlausibly());
    const accepted = await submit(backend, path, request(scene));
    const answer = await endOf(backend, accepted);
    const synchronous = await backend.post(path, request(scene));
    expect(answer.text).toContain(`"result":${synchronous.text}`);
  });

  test('of a streamed chat it is the assembled completion', async () => {
    const scene = upstream.scene(streamsText(['Hello', ' again']));
    const accepted = await submitChat(backend, chat(scene, { stream: true }));
    const { result, usage: counted } = await ended(backend, accepted);
    expect(chatCompletion.parse(result).choices).toMatchObject([
      { message: { role: 'assistant', content: 'Hello again' }, finish_reason: 'stop' },
    ]);
    expect(counted).toEqual(usage);
  });

  test('tool calls are a result like any other', async () => {
    const body = completion({ content: null, tool_calls: toolCalls, finish_reason: 'tool_calls' });
    const scene = upstream.scene(answers(body));
    const accepted = await submitChat(backend, chat(scene, { tools: [weatherTool] }));
    expect((await ended(backend, accepted)).result).toEqual(body);
  });

  test('nobody needs to wait for it', async () => {
    const scene = upstream.scene(answersPlausibly());
    const accepted = await submitChat(backend, chat(scene));
    await scene.call();
    await reaches(backend, accepted, 'completed').catch(() => undefined);
    expect((await getJob(backend, accepted)).status).toBe('completed');
  });

  test('its list entry and its own page say the same', async () => {
    const scene = upstream.scene(answersPlausibly());
    const accepted = await submitChat(backend, cacheableChat(scene));
    const done = await ended(backend, accepted);
    const { data } = (await backend.get('/v1/jobs?limit=100')).as(jobList);
    expect(data.find(({ id }) => id === accepted.id)).toEqual(done);
  });
});

describe('GET /v1/jobs/{id} with Prefer: wait=N', () => {
  test('answers as soon as the job has ended', async () => {
    const scene = upstream.scene(async (call) => {
      await call.wait(700);
      await answersPlausibly()(call);
    });
    const accepted = await submitChat(backend, chat(scene));
    const began = performance.now();
    const answer = await backend.get(accepted.urls.self, { prefer: 'wait=30' });
    expect(answer.as(job).status).toBe('completed');
    expect(answer.headers['preference-applied']).toBe('wait=30');
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test('answers the running job when the seconds have passed', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(neverAnswers)));
    const began = performance.now();
    const answer = await backend.get(accepted.urls.self, { prefer: 'wait=1' });
    expect(performance.now() - began).toBeGreaterThan(900);
    expect(answer.as(job).status).toBe('in_progress');
    expect(answer.headers['preference-applied']).toBe('wait=1');
    await backend.send('POST', accepted.urls.cancel);
  });

  test('without it, the answer comes at once', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(neverAnswers)));
    for (const headers of [{}, { prefer: 'wait=soon' }, { prefer: 'wait=0' }]) {
      const began = performance.now();
      expect(terminal).not.toContain(
        (await backend.get(accepted.urls.self, headers)).as(job).status,
      );
      expect(performance.now() - began).toBeLessThan(900);
    }
    await backend.send('POST', accepted.urls.cancel);
  });
});

describe('GET /v1/jobs', () => {
  async function finished(count: number): Promise<Job[]> {
    const jobs = [];
    for (let index = 0; index < count; index += 1) {
      jobs.push(await submitChat(backend, chat(upstream.scene(answersPlausibly()))));
    }
    return Promise.all(jobs.map((each) => ended(backend, each)));
  }

  test('lists jobs, newest first', async () => {
    const submitted = await finished(4);
    const answer = await backend.get('/v1/jobs');
    expect(answer.status).toBe(200);
    const { data } = answer.as(jobList);
    expect(data.slice(0, 4)).toEqual(submitted.toReversed());
  });

  test('shows twenty, unless limit says otherwise', async () => {
    await finished(22);
    expect((await backend.get('/v1/jobs')).as(jobList).data).toHaveLength(20);
    const page = (await backend.get('/v1/jobs?limit=3')).as(jobList);
    expect(page.data).toHaveLength(3);
    expect(page.has_more).toBe(true);
    expect(page.next_cursor).not.toBeNull();
  });

  test('is walked by its cursor without loss or repetition, even while jobs arrive', async () => {
    const mine = (await finished(7)).map(({ id }) => id);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page = (await backend.get(`/v1/jobs?limit=3${query}`)).as(jobList);
      expect(page.data.length).toBeLessThanOrEqual(3);
      expect(page.has_more).toBe(page.next_cursor !== null);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
      await finished(1);
    } while (cursor !== null && seen.length < 500);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.slice(0, 7)).toEqual(mine.toReversed());
  });

  test('filters by status', async () => {
    const [done] = await finished(1);
    const running = await submitChat(backend, chat(upstream.scene(neverAnswers)));
    await reaches(backend, running, 'in_progress');
    for (const [status, mine, other] of [
      ['completed', done?.id, running.id],
      ['in_progress', running.id, done?.id],
    ]) {
      const { data } = (await backend.get(`/v1/jobs?limit=100&status=${String(status)}`)).as(
        jobList,
      );
      expect(new Set(data.map((each) => each.status))).toEqual(new Set([status]));
      const ids = data.map(({ id }) => id);
      expect(ids).toContain(mine);
      expect(ids).not.toContain(other);
    }
    await backend.send('POST', running.urls.cancel);
  });

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=many', 'limit'],
    ['limit=1.5', 'limit'],
    ['status=done', 'status'],
    ['cursor=nonsense', 'cursor'],
  ])('?%s is 400', async (query, param) => {
    const answer = await backend.get(`/v1/jobs?${query}`);
    expectProblem(answer, { status: 400, code: 'invalid_request', param });
  });
});

describe('POST /v1/jobs/{id}/cancel', () => {
  test('a running job is asked to stop, its upstream call is aborted, and it becomes cancelled', async () => {
    for (const script of [neverAnswers, streamsWithoutEnd('x')]) {
      const scene = upstream.scene(script);
      const accepted = await submitChat(backend, chat(scene, { stream: true }));
      const call = await scene.call();
      const asked = performance.now();
      const current = await cancel(backend, accepted);
      expect(current.cancel_requested_at).toBeGreaterThanOrEqual(accepted.created_at);
      await expectAbortWithinASecond(call, asked);
      const end = await ended(backend, accepted);
      expect(end).toMatchObject({ status: 'cancelled', result: null, error: null });
      expect(end.cancel_requested_at).not.toBeNull();
      // Idempotent: once it has ended, the answer is 200 and the job as it is.
      const again = await backend.send('POST', accepted.urls.cancel);
      expect(again.status).toBe(200);
      expect(again.as(job)).toEqual(end);
    }
  });

  test('a body is neither needed nor minded', async () => {
    const scene = upstream.scene(neverAnswers);
    const accepted = await submitChat(backend, chat(scene));
    await scene.call();
    expect([200, 202]).toContain((await backend.post(accepted.urls.cancel, {})).status);
    // Many clients name the type of a body that they do not send.
    expect([200, 202]).toContain((await backend.post(accepted.urls.cancel, '')).status);
    expect((await ended(backend, accepted)).status).toBe('cancelled');
  });

  test('a job that has ended stays as it is', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    const done = await ended(backend, accepted);
    const answer = await backend.send('POST', accepted.urls.cancel);
    expect(answer.status).toBe(200);
    expect(answer.as(job)).toEqual(done);
  });

  test('an end is an end: whoever wins the race between cancel and completion, it stays so', async () => {
    const race = async (delay: number) => {
      const scene = upstream.scene(async (call) => {
        await call.wait(20);
        await answersPlausibly()(call);
      });
      const accepted = await submitChat(backend, chat(scene));
      await sleep(delay);
      const answer = (await backend.send('POST', accepted.urls.cancel)).as(job);
      const end = await ended(backend, accepted);
      expect(['completed', 'cancelled']).toContain(end.status);
      // A cancellation that was accepted is kept; a completed job was never cancelled.
      if (answer.status === 'completed') expect(end).toEqual(answer);
      else expect(end.status).toBe('cancelled');
      expect(end.result === null).toBe(end.status === 'cancelled');
      await sleep(100);
      expect(await getJob(backend, accepted)).toEqual(end);
    };
    await Promise.all(Array.from({ length: 40 }, (_, index) => race(index * 2)));
  });
});

describe('DELETE /v1/jobs/{id}', () => {
  test('a live job is 409', async () => {
    const scene = upstream.scene(neverAnswers);
    const accepted = await submitChat(backend, chat(scene));
    await scene.call();
    const answer = await backend.send('DELETE', accepted.urls.self);
    expectProblem(answer, { status: 409, code: 'job_not_finished' });
    expect((await getJob(backend, accepted)).status).toBe('in_progress');
    await backend.send('POST', accepted.urls.cancel);
  });

  test('a job that has ended goes away for good', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    await ended(backend, accepted);
    const answer = await backend.send('DELETE', accepted.urls.self);
    expect([answer.status, answer.text]).toEqual([204, '']);
    const { self, events, cancel } = accepted.urls;
    for (const [method, path] of [
      ['GET', self],
      ['DELETE', self],
      ['GET', events],
      ['POST', cancel],
    ] as const) {
      expectProblem(await backend.send(method, path), { status: 404, code: 'job_not_found' });
    }
    const { data } = (await backend.get('/v1/jobs?limit=100')).as(jobList);
    expect(data.map(({ id }) => id)).not.toContain(accepted.id);
  });
});
