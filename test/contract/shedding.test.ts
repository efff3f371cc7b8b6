import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { readAnswer, type Answer, type Exchange } from './clients/client.js';
import { ended, respondAsync, submitChat } from './clients/jobs.js';
import { growth, named, total } from './clients/metrics.js';
import { cacheableChat, chat, embed, summarize } from './clients/requests.js';
import { chunksOf, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { eventually, expectAbortWithinASecond, within } from './expectations/timing.js';
import { oneProcess } from './subject/deployment.js';
import { useConfiguredBackend, type Backend } from './subject/use-backend.js';
import { gate, type Gate } from './upstream/gate.js';
import type { Scene, Script } from './upstream/scene.js';
import {
  answersPlausibly,
  fails,
  neverAnswers,
  streamsText,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';

/** A backend with so many slots and so many places to wait; limits are each process's own. */
const useSmallBackend = (slots: number, places: number): Backend =>
  useConfiguredBackend(upstream, {
    ...oneProcess,
    env: {
      MAX_CONCURRENT_INFERENCES: String(slots),
      MAX_QUEUED_INFERENCES: String(places),
    },
  });

const running = (backend: Backend) => total(backend.processes, named('inferences_in_progress'));
const waiting = (backend: Backend) => total(backend.processes, named('inferences_queued'));

/** Waits until so many inferences run and so many wait. */
async function until(backend: Backend, expected: { run: number; wait: number }): Promise<void> {
  await eventually(
    `${String(expected.run)} inferences run and ${String(expected.wait)} wait`,
    async () =>
      (await running(backend)) === expected.run && (await waiting(backend)) === expected.wait,
  );
}

function expectShed(answer: Answer): void {
  expectProblem(answer, { status: 503, code: 'overloaded', param: null });
  expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/u);
}

interface Held extends Exchange {
  readonly scene: Scene;
}

describe('two inferences at a time, two that wait', () => {
  const backend = useSmallBackend(2, 2);

  beforeEach(() => until(backend, { run: 0, wait: 0 }));

  /** Begins a call that is held until the gate opens. It is left when the test is over. */
  function begin(release: Gate, script: Script = answersPlausibly()): Held {
    const scene = upstream.scene(waitsFor(release, script));
    const exchange = backend.beginPost(path, chat(scene));
    onTestFinished(exchange.leave);
    return { ...exchange, scene };
  }

  /** Fills both slots. */
  async function run(release: Gate, script?: Script): Promise<[Held, Held]> {
    const both: [Held, Held] = [begin(release, script), begin(release, script)];
    await Promise.all(both.map(({ scene }) => scene.call()));
    return both;
  }

  /** Fills both slots and both places to wait, the latter in a known order. */
  async function fill(release: Gate): Promise<[Held, Held, Held, Held]> {
    const both = await run(release);
    const third = begin(release);
    await until(backend, { run: 2, wait: 1 });
    const fourth = begin(release);
    await until(backend, { run: 2, wait: 2 });
    return [...both, third, fourth];
  }

  const status = async ({ answered }: Exchange) => (await answered).statusCode;

  test('two run, two wait, and whoever comes then is told so at once', async () => {
    const release = gate();
    const held = await fill(release);
    expect(held.map(({ scene }) => scene.calls.length)).toEqual([1, 1, 0, 0]);
    const untouched = upstream.scene(answersPlausibly());
    for (const [route, request] of [
      [path, chat(untouched)],
      [path, chat(untouched, { stream: true })],
      [path, cacheableChat(untouched)],
      ['/v1/embeddings', embed(untouched)],
      ['/v1/tasks/summarize', summarize(untouched)],
    ] as const) {
      const answer = await within(2_000, backend.post(route, request));
      if (answer === 'late') throw new Error(`POST ${route} was not answered at once.`);
      expectShed(answer);
    }
    expect(untouched.calls.length).toBe(0);
    release.open();
    expect(await Promise.all(held.map(status)), 'and all others are served').toEqual([
      200, 200, 200, 200,
    ]);
  });

  test('of a burst, as many are served as there are slots and places', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const all = Array.from({ length: 40 }, () => backend.beginPost(path, chat(scene)));
    await until(backend, { run: 2, wait: 2 });
    await sleep(300);
    release.open();
    const answers = await Promise.all(all.map(async ({ answered }) => readAnswer(await answered)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(4);
    answers.filter((answer) => answer.status !== 200).forEach(expectShed);
    expect(scene.calls.length).toBe(4);
  });

  test('what is shed is counted', async () => {
    const release = gate();
    await fill(release);
    const shed = await growth(backend.processes, named('inferences_shed_total'), () =>
      backend.post(path, chat(upstream.scene(answersPlausibly()))),
    );
    await eventually('one more was shed', async () => (await shed()) === 1);
    release.open();
  });

  test('who came first is served first', async () => {
    const [first, rest] = [gate(), gate()];
    const leaving = begin(first);
    await leaving.scene.call();
    begin(rest);
    await until(backend, { run: 2, wait: 0 });
    const third = begin(rest);
    await until(backend, { run: 2, wait: 1 });
    const fourth = begin(rest);
    await until(backend, { run: 2, wait: 2 });
    first.open();
    await third.scene.call();
    await until(backend, { run: 2, wait: 1 });
    expect(fourth.scene.calls.length).toBe(0);
    rest.open();
    await fourth.scene.call();
  });

  test('who leaves while waiting frees the place, and is never run', async () => {
    const release = gate();
    const [, , third, fourth] = await fill(release);
    third.leave();
    await until(backend, { run: 2, wait: 1 });
    const late = begin(release);
    await until(backend, { run: 2, wait: 2 });
    release.open();
    expect([await status(fourth), await status(late)]).toEqual([200, 200]);
    expect(third.scene.calls.length).toBe(0);
  });

  test('who leaves while being served frees the slot', async () => {
    const release = gate();
    const [first, , third] = await fill(release);
    const call = await first.scene.call();
    const left = performance.now();
    first.leave();
    await expectAbortWithinASecond(call, left);
    expect(await within(5_000, third.scene.call())).not.toBe('late');
    release.open();
  });

  test('a call that fails frees its slot', async () => {
    const release = gate();
    const both = await run(release, fails(500));
    const third = begin(gate());
    await until(backend, { run: 2, wait: 1 });
    release.open();
    expect([await status(both[0]), await status(both[1])]).toEqual([502, 502]);
    await third.scene.call();
    await until(backend, { run: 1, wait: 0 });
  });

  test('a stream keeps its slot until its end', async () => {
    const release = gate();
    const scenes = [1, 2].map(() =>
      upstream.scene(streamsText(['a', 'b'], { gates: { 2: release.opened } })),
    );
    const streams = [];
    for (const scene of scenes) {
      const stream = await backend.stream(path, chat(scene, { stream: true }));
      await stream.next();
      streams.push(stream);
    }
    const third = begin(gate());
    await until(backend, { run: 2, wait: 1 });
    expect(third.scene.calls.length).toBe(0);
    release.open();
    for (const stream of streams) expect(textOf(await chunksOf(stream))).toBe('ab');
    await third.scene.call();
    await until(backend, { run: 1, wait: 0 });
  });

  describe('while all is taken', () => {
    test('probes, pages, lists and jobs answer', async () => {
      const release = gate();
      await fill(release);
      for (const page of [
        ...['/livez', '/readyz', '/metrics', '/openapi.json'],
        ...['/v1/models', '/v1/tasks', '/v1/jobs'],
      ]) {
        const answer = await within(3_000, backend.get(page));
        expect(answer === 'late' ? answer : [page, answer.status]).toEqual([page, 200]);
      }
      release.open();
    });

    test('jobs are taken on, and run', async () => {
      const release = gate();
      await fill(release);
      const scene = upstream.scene(answersPlausibly());
      const accepted = await submitChat(backend, chat(scene));
      expect((await ended(backend, accepted)).status).toBe('completed');
      const preferred = await backend.post('/v1/embeddings', embed(scene), respondAsync);
      expect(preferred.status, preferred.text).toBe(202);
      release.open();
    });

    test('what is cached is answered', async () => {
      const scene = upstream.scene(answersPlausibly());
      const first = await backend.post(path, cacheableChat(scene));
      const release = gate();
      await fill(release);
      const answer = await backend.post(path, cacheableChat(scene));
      expect(answer.headers['cache-status']).toBe('inference; hit');
      expect(answer.text).toBe(first.text);
      release.open();
    });

    test('who can share a call in flight needs no slot', async () => {
      const release = gate();
      const scene = upstream.scene(waitsFor(release));
      const leader = backend.post(path, cacheableChat(scene));
      await scene.call();
      begin(release);
      await until(backend, { run: 2, wait: 0 });
      begin(release);
      begin(release);
      await until(backend, { run: 2, wait: 2 });
      const follower = backend.post(path, cacheableChat(scene));
      expect(await within(500, follower), 'it waits for the call in flight').toBe('late');
      release.open();
      expect((await leader).status).toBe(200);
      expect((await follower).headers['cache-status']).toBe('inference; fwd=miss; collapsed');
      expect(scene.calls.length).toBe(1);
    });

    test('who shares a call that waits keeps its place when the first one leaves', async () => {
      const release = gate();
      await run(release);
      const scene = upstream.scene(answersPlausibly());
      const first = backend.beginPost(path, cacheableChat(scene));
      await until(backend, { run: 2, wait: 1 });
      const follower = backend.post(path, cacheableChat(scene));
      await sleep(300);
      first.leave();
      await sleep(300);
      await until(backend, { run: 2, wait: 1 });
      release.open();
      expect((await follower).status).toBe(200);
      expect(scene.calls.length).toBe(1);
    });
  });

  test('a shed request may be sent again with the same Idempotency-Key', async () => {
    const release = gate();
    await fill(release);
    const scene = upstream.scene(answersPlausibly());
    const headers = { 'idempotency-key': scene.model };
    expectShed(await backend.post(path, chat(scene), headers));
    release.open();
    await until(backend, { run: 0, wait: 0 });
    const again = await backend.post(path, chat(scene), headers);
    expect(again.status, again.text).toBe(200);
    expect(again.headers['idempotent-replayed']).toBeUndefined();
  });
});

describe('one inference at a time, and no place to wait', () => {
  const backend = useSmallBackend(1, 0);

  test('whoever comes while one runs is told so at once', async () => {
    const scene = upstream.scene(neverAnswers);
    const exchange = backend.beginPost(path, chat(scene));
    await scene.call();
    expectShed(await backend.post(path, chat(upstream.scene(answersPlausibly()))));
    exchange.leave();
    await until(backend, { run: 0, wait: 0 });
    const answer = await backend.post(path, chat(upstream.scene(answersPlausibly())));
    expect(answer.status, answer.text).toBe(200);
  });
});
