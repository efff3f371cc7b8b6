import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Client } from '../contract/clients/client.js';
import { submitChat } from '../contract/clients/jobs.js';
import { chat } from '../contract/clients/requests.js';
import { chunksOf, textOf } from '../contract/expectations/chat-stream.js';
import { eventually } from '../contract/expectations/timing.js';
import type { Job } from '../contract/schemas/jobs.js';
import type { BackendProcess } from '../contract/subject/backend-process.js';
import type { Deployment } from '../contract/subject/deployment.js';
import { answersPlausibly, streamsText } from '../contract/upstream/scripts.js';
import { useUpstream } from '../contract/upstream/use-upstream.js';
import { inParallel } from './in-parallel.js';
import { expectOneEnd } from './one-end.js';
import { describeAtScale, startDeployment } from './use-deployment.js';

const upstream = useUpstream();
const path = '/v1/chat/completions';

const answering = upstream.scene(async (call) => {
  await call.wait(Math.random() * 1_500);
  await answersPlausibly()(call);
});
const streaming = upstream.scene(streamsText(['a', 'b', 'c', 'd', 'e'], { pause: 200 }));

/** Requests of every kind, one after the other, until they are told to stop. */
class Load {
  readonly jobs: Job[] = [];
  served = 0;
  readonly #lanes: Promise<unknown>;
  #goesOn = true;

  constructor(private readonly backend: Client) {
    const kinds = [this.#json, this.#stream, this.#job];
    this.#lanes = Promise.all(
      Array.from({ length: 12 }, async (_, lane) => {
        while (this.#goesOn) {
          await kinds[lane % kinds.length]?.call(this);
          this.served += 1;
        }
      }),
    );
    // Told when the load is stopped.
    this.#lanes.catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#goesOn = false;
    await this.#lanes;
  }

  async #json(): Promise<void> {
    const answer = await this.backend.post(path, chat(answering));
    expect(answer.status, answer.text).toBe(200);
  }

  async #stream(): Promise<void> {
    const stream = await this.backend.stream(path, chat(streaming, { stream: true }));
    expect(textOf(await chunksOf(stream))).toBe('abcde');
  }

  async #job(): Promise<void> {
    this.jobs.push(await submitChat(this.backend, chat(answering)));
    await sleep(100);
  }
}

async function leave(old: BackendProcess): Promise<void> {
  old.signal('SIGTERM');
  expect(await old.exit(30_000), old.output).toEqual({ code: 0, signal: null });
}

/** Replaces each process by a new one, one at a time, as an orchestrator does. */
async function replaceAll(deployment: Deployment): Promise<void> {
  const running = (each: BackendProcess) => each.isRunning;
  for (const old of deployment.apis.filter(running)) {
    await deployment.startApi();
    // First no more requests are sent there, and then it is told to end.
    deployment.balance(deployment.apis.filter((each) => each !== old && running(each)));
    await sleep(300);
    await leave(old);
  }
  for (const old of deployment.workers.filter(running)) {
    await deployment.startWorker();
    await leave(old);
  }
}

describeAtScale('a rolling restart under load', () => {
  test('every process is replaced, twice, and no request fails', async () => {
    const deployment = await startDeployment(upstream, {
      apis: 2,
      workers: 2,
      env: { SHUTDOWN_TIMEOUT_MS: '20000' },
    });
    const load = new Load(deployment);
    await sleep(1_000);
    for (let round = 0; round < 2; round += 1) {
      const before = load.served;
      await replaceAll(deployment);
      expect(load.served).toBeGreaterThan(before);
    }
    await load.stop();
    const api = deployment.apis.at(-1) ?? deployment.api;
    expect(load.jobs.length).toBeGreaterThan(0);
    const ends = await inParallel(load.jobs, 10, async (accepted) => {
      await eventually(
        `${accepted.id} ends`,
        async () => (await api.get(accepted.urls.self)).text.includes('"completed"'),
        60_000,
      );
      return expectOneEnd(api, accepted);
    });
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['completed']));
  });
});

describeAtScale('an API process that is killed', () => {
  test('holds an Idempotency-Key for a minute at most', async () => {
    const deployment = await startDeployment(upstream, { apis: 2, workers: 1 });
    const [one, other] = deployment.apis;
    if (one === undefined || other === undefined) throw new Error('Two processes were to run.');
    const scene = upstream.scene(async (call) => {
      if (scene.calls.length === 1) await call.abandonment();
      await answersPlausibly()(call);
    });
    const headers = { 'idempotency-key': scene.model };
    const lost = one.beginPost(path, chat(scene), headers);
    await scene.call();
    await sleep(500);
    expect((await other.post(path, chat(scene), headers)).status).toBe(409);
    await one.kill();
    await expect(lost.answered).rejects.toThrow();
    await eventually(
      'the key is free',
      async () => (await other.post(path, chat(scene), headers)).status === 200,
      75_000,
    );
    const replayed = await other.post(path, chat(scene), headers);
    expect(replayed.headers['idempotent-replayed']).toBe('true');
  });
});
