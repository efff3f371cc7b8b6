import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { cancel, ended, getJob, submitChat } from '../contract/clients/jobs.js';
import { chat } from '../contract/clients/requests.js';
import { answersPlausibly } from '../contract/upstream/scripts.js';
import { useUpstream } from '../contract/upstream/use-upstream.js';
import { inParallel } from './in-parallel.js';
import { expectOneEnd } from './one-end.js';
import { describeAtScale, startDeployment } from './use-deployment.js';

const upstream = useUpstream();
const RACES = Array.from({ length: 1_000 }, (_, index) => index);

describeAtScale('1,000 races of a cancel against the end of its job', () => {
  test('whoever wins: an accepted cancel is kept, and a job that has completed stays so', async () => {
    const backend = await startDeployment(upstream, {
      apis: 2,
      workers: 2,
      env: { JOB_CONCURRENCY: '16' },
    });
    const scene = upstream.scene(async (call) => {
      await call.wait(20);
      await answersPlausibly()(call);
    });
    const ends = await inParallel(RACES, 20, async (index) => {
      const accepted = await submitChat(backend, chat(scene));
      // From before its start until after its end, however busy the machine is.
      if (index % 4 === 0) await scene.call(scene.calls.length, 2_000).catch(() => undefined);
      await sleep(index % 80);
      const answered = await cancel(backend, accepted);
      const end = await ended(backend, accepted);
      expect(['completed', 'cancelled']).toContain(end.status);
      if (answered.status === 'completed') expect(end).toEqual(answered);
      else expect(end.status, 'a cancel that was accepted').toBe('cancelled');
      expect(end.result === null).toBe(end.status === 'cancelled');
      return end;
    });
    await sleep(1_000);
    await inParallel(ends, 20, async (end) => {
      for (const api of backend.apis) expect(await getJob(api, end)).toEqual(end);
      await expectOneEnd(backend, end);
    });
    const completed = ends.filter(({ status }) => status === 'completed').length;
    expect(completed, 'some were cancelled too late').toBeGreaterThan(20);
    expect(completed, 'and some in time').toBeLessThan(980);
  });
});
