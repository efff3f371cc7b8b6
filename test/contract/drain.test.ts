import { Agent, request as startRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readAnswer } from './clients/client.js';
import { reaches, submitChat } from './clients/jobs.js';
import { chat, embed, summarize } from './clients/requests.js';
import { chunksOf, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { eventually, expectAbortWithinASecond, within } from './expectations/timing.js';
import { job } from './schemas/jobs.js';
import type { BackendProcess } from './subject/backend-process.js';
import { Deployment, oneProcess } from './subject/deployment.js';
import type { Environment } from './subject/environment.js';
import { needsOwnProcess } from './subject/use-backend.js';
import { gate, type Gate } from './upstream/gate.js';
import {
  answersPlausibly,
  neverAnswers,
  streamsText,
  streamsWithoutEnd,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';

const ended = { code: 0, signal: null };

/** A backend of the test's own, since none survives this: one process of each kind. */
async function start(env: Environment = {}): Promise<Deployment> {
  const deployment = await Deployment.start(upstream.baseUrl, {
    ...oneProcess,
    env: { SHUTDOWN_TIMEOUT_MS: '15000', ...env },
  });
  onTestFinished(() => deployment.stop());
  return deployment;
}

/** Sends SIGTERM, and waits until the process has noticed. */
async function drain(process: BackendProcess): Promise<void> {
  process.signal('SIGTERM');
  await eventually(
    'readyz turns 503',
    async () => (await process.get('/readyz')).status === 503,
    5_000,
  );
}

/** A scene whose call is held until the gate opens. */
function held(release: Gate) {
  return upstream.scene(waitsFor(release, answersPlausibly('Finished.')));
}

describe('a process that is broken', () => {
  needsOwnProcess();

  // Where a program listens to such a signal, it goes on at what broke it, without an end.
  test.each(['SIGSEGV', 'SIGABRT'] as const)(
    'by %s ends at once, and not as if all were well',
    async (signal) => {
      const { processes } = await start();
      for (const each of processes) each.signal(signal);
      for (const each of processes) expect(await each.exit(5_000)).not.toEqual(ended);
    },
  );
});

describe('SIGTERM', () => {
  needsOwnProcess();

  test('with nothing in flight ends each process with code 0', async () => {
    const { processes } = await start();
    for (const each of processes) each.signal('SIGTERM');
    for (const each of processes) expect(await each.exit(5_000)).toEqual(ended);
  });

  test('is not held up by connections that only stay open', async () => {
    const { processes } = await start();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => {
      agent.destroy();
    });
    for (const each of processes) {
      await new Promise((resolve, reject) => {
        startRequest(`${each.baseUrl}/livez`, { agent }, (response) => {
          response.resume().once('end', resolve);
        })
          .once('error', reject)
          .end();
      });
      each.signal('SIGTERM');
      expect(await each.exit(5_000)).toEqual(ended);
    }
  });

  test('lets a JSON call and a stream that are in flight finish, and then ends with code 0', async () => {
    const { api } = await start();
    const release = gate();
    const jsonScene = held(release);
    const streamScene = upstream.scene(
      streamsText(['a', 'b', 'c'], { gates: { 2: release.opened } }),
    );
    const json = api.beginPost(path, chat(jsonScene));
    const stream = await api.stream(path, chat(streamScene, { stream: true }));
    await stream.next();
    await jsonScene.call();

    await drain(api);
    await sleep(500);
    const abandoned = [jsonScene, streamScene].map(({ calls }) => calls[0]?.abandoned);
    expect(abandoned).toEqual([false, false]);
    expect(await within(0, api.exited), 'it waits for them').toBe('late');

    release.open();
    const answer = await readAnswer(await json.answered);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Finished.');
    expect(textOf(await chunksOf(stream))).toBe('abc');
    expect(await api.exit(8_000), api.output).toEqual(ended);
  });

  test('lets a job that is in flight finish, before the eyes of those who wait for it', async () => {
    const { api, jobRunner } = await start();
    const release = gate();
    const scene = held(release);
    const accepted = await submitChat(api, chat(scene));
    await reaches(api, accepted, 'in_progress');
    await scene.call();
    const waiting = api.get(accepted.urls.self, { prefer: 'wait=30' });
    await sleep(200);

    await drain(jobRunner);
    await sleep(500);
    expect(scene.calls[0]?.abandoned).toBe(false);
    expect(await within(0, jobRunner.exited), 'it waits for the job').toBe('late');

    const events = await api.events(accepted.urls.events);
    release.open();
    expect((await events.all()).at(-1)?.event).toBe('job.completed');
    expect(['completed', 'in_progress']).toContain((await waiting).as(job).status);
    expect(await jobRunner.exit(8_000), jobRunner.output).toEqual(ended);
  });

  test('a job that still waits in the queue does not hold it up', async () => {
    const { api, jobRunner } = await start({ JOB_CONCURRENCY: '1' });
    const release = gate();
    const scene = held(release);
    await submitChat(api, chat(scene));
    await scene.call();
    const waiting = await submitChat(api, chat(upstream.scene(neverAnswers)));
    expect((await api.get(waiting.urls.self)).as(job).status).toBe('queued');
    await drain(jobRunner);
    release.open();
    expect(await jobRunner.exit(8_000)).toEqual(ended);
  });

  test('meanwhile: alive, not ready, no new work, but jobs can be read', async () => {
    const { api } = await start();
    const release = gate();
    const [scene, jobScene] = [held(release), held(release)];
    const inFlight = api.beginPost(path, chat(scene));
    const accepted = await submitChat(api, chat(jobScene));
    await Promise.all([scene.call(), jobScene.call()]);
    await drain(api);

    expect((await api.get('/livez')).status).toBe(200);
    const ready = await api.get('/readyz');
    expect(ready.headers['content-type']).toMatch(/^application\/problem\+json\b/u);
    expect(ready.text, 'it says what is in the way').toMatch(/drain/iu);

    const untouched = upstream.scene(answersPlausibly());
    const asynchronous = { prefer: 'respond-async' };
    for (const [route, request, headers] of [
      [path, chat(untouched), {}],
      [path, chat(untouched, { stream: true }), {}],
      ['/v1/embeddings', embed(untouched), {}],
      ['/v1/tasks/summarize', summarize(untouched), {}],
      [path, chat(untouched), asynchronous],
      ['/v1/jobs', { type: 'embedding', request: embed(untouched) }, {}],
    ] as const) {
      const refused = await api.post(route, request, headers);
      expectProblem(refused, { status: 503, code: 'shutting_down' });
      expect(refused.headers['retry-after']).toMatch(/^\d+$/u);
    }
    expect(untouched.calls.length).toBe(0);

    expect((await api.get(accepted.urls.self)).as(job).status).toBe('in_progress');
    expect((await api.get('/v1/jobs')).status).toBe(200);
    expect((await api.get('/metrics')).status).toBe(200);
    release.open();
    expect((await inFlight.answered).statusCode).toBe(200);
    expect(await api.exit(8_000)).toEqual(ended);
  });

  test.each([
    ['a JSON call', {}, neverAnswers],
    ['a stream', { stream: true }, streamsWithoutEnd('x')],
  ])(
    '%s that never ends is ended after SHUTDOWN_TIMEOUT_MS, with code 0',
    async (_case, extra, script) => {
      const { api } = await start({ SHUTDOWN_TIMEOUT_MS: '1500' });
      const scene = upstream.scene(script);
      const exchange = api.beginPost(path, chat(scene, extra));
      const call = await scene.call();
      const answered = exchange.answered.then(readAnswer).catch(() => undefined);
      const signalled = performance.now();
      api.signal('SIGTERM');
      expect(await api.exit(10_000), api.output).toEqual(ended);
      expect(performance.now() - signalled).toBeGreaterThan(1_000);
      await expectAbortWithinASecond(call, performance.now());
      const answer = await answered;
      expect(answer?.text ?? '', 'what was cut is not reported as done').not.toContain('[DONE]');
    },
  );

  test('a job that never ends, and those who listen to it, do not keep it either', async () => {
    const { api, processes } = await start({ SHUTDOWN_TIMEOUT_MS: '1500' });
    const scene = upstream.scene(neverAnswers);
    const accepted = await submitChat(api, chat(scene));
    const events = await api.events(accepted.urls.events);
    const waiting = api.get(accepted.urls.self, { prefer: 'wait=60' }).catch(() => undefined);
    const call = await scene.call();
    for (const each of processes) each.signal('SIGTERM');
    for (const each of processes) {
      expect(await each.exit(10_000), each.output).toEqual(ended);
    }
    await expectAbortWithinASecond(call, performance.now());
    await events.all();
    await waiting;
  });
});
