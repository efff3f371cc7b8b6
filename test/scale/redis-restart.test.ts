import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ended } from '../contract/clients/jobs.js';
import { chat } from '../contract/clients/requests.js';
import { expectProblem } from '../contract/expectations/problem.js';
import { eventually } from '../contract/expectations/timing.js';
import { deliveryOf, webhookSecret } from '../contract/expectations/webhook.js';
import { job, type Job } from '../contract/schemas/jobs.js';
import { answers, answersPlausibly } from '../contract/upstream/scripts.js';
import { useUpstream } from '../contract/upstream/use-upstream.js';
import { inParallel } from './in-parallel.js';
import { expectOneEnd } from './one-end.js';
import { describeAtScale, startDeployment } from './use-deployment.js';

const upstream = useUpstream();

describeAtScale('the queue’s Redis is killed, and comes back five seconds later', () => {
  test('what was accepted survives, and what is submitted meanwhile is 503', async () => {
    const deployment = await startDeployment(upstream, {
      apis: 2,
      workers: 2,
      env: { WEBHOOK_SECRET: webhookSecret, WEBHOOK_ALLOW_PRIVATE: 'true', JOB_CONCURRENCY: '4' },
    });
    const queue = deployment.redis?.queue;
    if (queue === undefined) throw new Error('No Redis of the suite’s own.');
    const scene = upstream.scene(async (call) => {
      await call.wait(200);
      await answersPlausibly()(call);
    });
    const hook = upstream.scene(answers('', { status: 204 }));
    const request = {
      type: 'chat.completion',
      request: chat(scene),
      webhook: { url: `${upstream.origin}/hooks/${hook.model}` },
    };

    const accepted: Job[] = [];
    let refused = 0;
    let goesOn = true;
    const submitting = inParallel(Array.from({ length: 5 }), 5, async () => {
      while (goesOn) {
        const answer = await deployment.post('/v1/jobs', request);
        if (answer.status === 202) accepted.push(answer.as(job));
        else {
          expectProblem(answer, { status: 503, code: 'store_unavailable' });
          expect(answer.header('retry-after')).toMatch(/^[1-9]\d*$/u);
          refused += 1;
        }
        await sleep(100);
      }
    });
    await sleep(2_000);
    await queue.stop('SIGKILL');
    const before = accepted.length;
    await sleep(5_000);
    const refusedMeanwhile = refused;
    await queue.run();
    await eventually('jobs are taken on again', () => accepted.length > before + 20, 30_000);
    goesOn = false;
    await submitting;

    expect(before).toBeGreaterThan(0);
    expect(refusedMeanwhile).toBeGreaterThan(0);
    for (const each of accepted) {
      await eventually(
        `${each.id} ends`,
        async () => (await ended(deployment.api, each).catch(() => undefined)) !== undefined,
        120_000,
      );
    }
    const ends = await inParallel(accepted, 10, (each) => expectOneEnd(deployment.api, each));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['completed']));

    const ids = new Set(accepted.map(({ id }) => id));
    await eventually(
      'each webhook is delivered',
      async () => {
        const told = await Promise.all(hook.calls.map(deliveryOf));
        return new Set(told.map(({ body }) => body.data.id)).size === ids.size;
      },
      120_000,
    );
  });
});
