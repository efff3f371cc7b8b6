import { Agent, request as startRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Client, readAnswer } from './clients/client.js';
import { reaches, submitChat } from './clients/jobs.js';
import { chat, embed, summarize } from './clients/requests.js';
import { chunksOf, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { eventually, expectAbortWithinASecond, within } from './expectations/timing.js';
import { job } from './schemas/jobs.js';
import { BackendProcess } from './subject/backend-process.js';
import type { Environment } from './subject/environment.js';
import { needsOwnProcess } from './subject/use-backend.js';
import { gate } from './upstream/gate.js';
import {
  answersPlausibly,
  neverAnswers,
  streamsText,
  streamsWithoutEnd,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';

class Draining extends Client {
  constructor(readonly process: BackendProcess) {
    super();
  }

  get baseUrl(): string {
    return this.process.url;
  }

  /** Sends SIGTERM, and waits until the backend has noticed. */
  async drain(): Promise<void> {
    this.process.signal('SIGTERM');
    await eventually(
      'readyz turns 503',
      async () => (await this.get('/readyz')).status === 503,
      5_000,
    );
  }
}

/** A backend of the test's own, since none survives this. */
async function start(env: Environment = {}): Promise<Draining> {
  const process = await BackendProcess.start(upstream.baseUrl, {
    env: { SHUTDOWN_TIMEOUT_MS: '15000', ...env },
  });
  onTestFinished(() => process.stop());
  return new Draining(process);
}

describe('SIGTERM', () => {
  needsOwnProcess();

  test('with nothing in flight ends the process with code 0', async () => {
    const backend = await start();
    backend.process.signal('SIGTERM');
    expect(await backend.process.exit(5_000)).toEqual({ code: 0, signal: null });
  });

  test('is not held up by connections that only stay open', async () => {
    const backend = await start();
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => {
      agent.destroy();
    });
    await new Promise((resolve, reject) => {
      startRequest(`${backend.baseUrl}/livez`, { agent }, (response) => {
        response.resume().once('end', resolve);
      })
        .once('error', reject)
        .end();
    });
    backend.process.signal('SIGTERM');
    expect(await backend.process.exit(5_000)).toEqual({ code: 0, signal: null });
  });

  test('lets a JSON call, a stream and a job that are in flight finish, and then ends with code 0', async () => {
    const backend = await start();
    const release = gate();
    const held = () =>
      upstream.scene(async (call) => {
        await call.until(release.opened);
        await answersPlausibly('Finished.')(call);
      });
    const [jsonScene, jobScene] = [held(), held()];
    const streamScene = upstream.scene(
      streamsText(['a', 'b', 'c'], { gates: { 2: release.opened } }),
    );
    const json = backend.beginPost(path, chat(jsonScene));
    const stream = await backend.stream(path, chat(streamScene, { stream: true }));
    await stream.next();
    const accepted = await submitChat(backend, chat(jobScene));
    await reaches(backend, accepted, 'in_progress');
    await Promise.all([jsonScene.call(), jobScene.call()]);
    const waiting = backend.get(accepted.urls.self, { prefer: 'wait=30' });
    await sleep(200);

    await backend.drain();
    await sleep(500);
    expect([jsonScene, streamScene, jobScene].map(({ calls }) => calls[0]?.abandoned)).toEqual([
      false,
      false,
      false,
    ]);
    expect(await within(0, backend.process.exited), 'it waits for them').toBe('late');

    const events = await backend.events(accepted.urls.events);
    release.open();
    const answer = await readAnswer(await json.answered);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('Finished.');
    expect(textOf(await chunksOf(stream))).toBe('abc');
    expect((await events.all()).at(-1)?.event).toBe('job.completed');
    expect(['completed', 'in_progress']).toContain((await waiting).as(job).status);
    expect(await backend.process.exit(8_000), backend.process.output).toEqual({
      code: 0,
      signal: null,
    });
  });

  test('a job that still waits in the queue does not hold it up', async () => {
    const backend = await start({ JOB_CONCURRENCY: '1' });
    const release = gate();
    const scene = upstream.scene(async (call) => {
      await call.until(release.opened);
      await answersPlausibly()(call);
    });
    await submitChat(backend, chat(scene));
    await scene.call();
    const waiting = await submitChat(backend, chat(upstream.scene(neverAnswers)));
    expect((await backend.get(waiting.urls.self)).as(job).status).toBe('queued');
    await backend.drain();
    release.open();
    expect(await backend.process.exit(8_000)).toEqual({ code: 0, signal: null });
  });

  test('meanwhile: alive, not ready, no new work, but jobs can be read', async () => {
    const backend = await start();
    const release = gate();
    const scene = upstream.scene(async (call) => {
      await call.until(release.opened);
      await answersPlausibly()(call);
    });
    const accepted = await submitChat(backend, chat(scene));
    await scene.call();
    await backend.drain();

    expect((await backend.get('/livez')).status).toBe(200);
    const ready = await backend.get('/readyz');
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
      const refused = await backend.post(route, request, headers);
      expectProblem(refused, { status: 503, code: 'shutting_down' });
      expect(refused.headers['retry-after']).toMatch(/^\d+$/u);
    }
    expect(untouched.calls.length).toBe(0);

    expect((await backend.get(accepted.urls.self)).as(job).status).toBe('in_progress');
    expect((await backend.get('/v1/jobs')).status).toBe(200);
    expect((await backend.get('/metrics')).status).toBe(200);
    release.open();
    expect(await backend.process.exit(8_000)).toEqual({ code: 0, signal: null });
  });

  test.each([
    ['a JSON call', {}, neverAnswers],
    ['a stream', { stream: true }, streamsWithoutEnd('x')],
  ])(
    '%s that never ends is ended after SHUTDOWN_TIMEOUT_MS, with code 0',
    async (_case, extra, script) => {
      const backend = await start({ SHUTDOWN_TIMEOUT_MS: '1500' });
      const scene = upstream.scene(script);
      const exchange = backend.beginPost(path, chat(scene, extra));
      const call = await scene.call();
      const answered = exchange.answered.then(readAnswer).catch(() => undefined);
      const signalled = performance.now();
      backend.process.signal('SIGTERM');
      expect(await backend.process.exit(10_000), backend.process.output).toEqual({
        code: 0,
        signal: null,
      });
      expect(performance.now() - signalled).toBeGreaterThan(1_000);
      await expectAbortWithinASecond(call, performance.now());
      const answer = await answered;
      expect(answer?.text ?? '', 'what was cut is not reported as done').not.toContain('[DONE]');
    },
  );

  test('a job that never ends, and those who listen to it, do not keep it either', async () => {
    const backend = await start({ SHUTDOWN_TIMEOUT_MS: '1500' });
    const scene = upstream.scene(neverAnswers);
    const accepted = await submitChat(backend, chat(scene));
    const events = await backend.events(accepted.urls.events);
    const waiting = backend.get(accepted.urls.self, { prefer: 'wait=60' }).catch(() => undefined);
    await scene.call();
    backend.process.signal('SIGTERM');
    expect(await backend.process.exit(10_000), backend.process.output).toEqual({
      code: 0,
      signal: null,
    });
    await events.all();
    await waiting;
  });
});
