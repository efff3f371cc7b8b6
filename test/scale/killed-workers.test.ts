import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Client } from '../contract/clients/client.js';
import { ended, getJob, submitChat } from '../contract/clients/jobs.js';
import { named, scrape } from '../contract/clients/metrics.js';
import { chat } from '../contract/clients/requests.js';
import { eventually } from '../contract/expectations/timing.js';
import { deliveryOf, webhookSecret } from '../contract/expectations/webhook.js';
import { jobEvent, jobList, type Job, type JobEvent } from '../contract/schemas/jobs.js';
import type { Deployment } from '../contract/subject/deployment.js';
import { completion, usage } from '../contract/upstream/answers.js';
import { gate } from '../contract/upstream/gate.js';
import { answers, answersPlausibly, streamsText } from '../contract/upstream/scripts.js';
import { useUpstream } from '../contract/upstream/use-upstream.js';
import { inParallel } from './in-parallel.js';
import { expectOneEnd } from './one-end.js';
import { describeAtScale, startDeployment } from './use-deployment.js';

const upstream = useUpstream();
const JOBS = Array.from({ length: 200 }, (_, index) => index);

/** Kills a worker in the middle of its jobs, as a machine that fails would, and puts another in its place. */
async function killOne(deployment: Deployment, index: number): Promise<void> {
  await deployment.workers[index]?.kill();
  await deployment.startWorker();
}

describeAtScale('200 jobs, while workers are killed three times', () => {
  test('each ends once, none is lost, each result is stored once, each webhook is delivered', async () => {
    const deployment = await startDeployment(upstream, {
      apis: 2,
      workers: 2,
      env: { WEBHOOK_SECRET: webhookSecret, WEBHOOK_ALLOW_PRIVATE: 'true', JOB_CONCURRENCY: '8' },
    });
    const { api } = deployment;
    let answered = 0;
    const work = JOBS.map((index) => {
      const scene = upstream.scene(async (call) => {
        await call.wait(500);
        await answers(completion({ content: `answer ${String(index)}` }))(call);
        answered += 1;
      });
      const hook = upstream.scene(answers('', { status: 204 }));
      return { scene, hook };
    });

    const accepted = await inParallel(work, 20, ({ scene, hook }) =>
      submitChat(api, chat(scene), {
        webhook: { url: `${upstream.origin}/hooks/${hook.model}` },
      }),
    );
    for (const [kill, milestone] of [20, 80, 140].entries()) {
      await eventually('jobs are on their way', () => answered >= milestone, 60_000);
      await killOne(deployment, kill);
    }
    const all = named('jobs', { status: 'completed' });
    await eventually(
      'all jobs have ended',
      async () =>
        (await scrape([api])).some((sample) => all(sample) && sample.value === JOBS.length),
      240_000,
    );

    const ends = await inParallel(accepted, 20, (each) => expectOneEnd(api, each));
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set(['completed']));
    ends.forEach(({ result, usage: counted }, index) => {
      expect(result).toEqual(completion({ content: `answer ${String(index)}` }));
      expect(counted).toEqual(usage);
    });
    const again = ends.filter(({ attempt }) => attempt > 1);
    expect(again.length, 'some had to be run again, or nothing was tested').toBeGreaterThan(0);
    ends.forEach(({ attempt }, index) => {
      expect(work[index]?.scene.calls.length, 'a call for each attempt').toBeLessThanOrEqual(
        attempt,
      );
    });

    const listed = new Set<string>();
    for (let query = ''; ;) {
      const page = (await api.get(`/v1/jobs?limit=100${query}`)).as(jobList);
      for (const { id } of page.data) listed.add(id);
      if (page.next_cursor === null) break;
      query = `&cursor=${encodeURIComponent(page.next_cursor)}`;
    }
    expect(listed).toEqual(new Set(accepted.map(({ id }) => id)));

    await eventually(
      'all webhooks are delivered',
      () => work.every(({ hook }) => hook.calls.length > 0),
      120_000,
    );
    await sleep(2_000);
    for (const [index, { hook }] of work.entries()) {
      const deliveries = await Promise.all(hook.calls.map(deliveryOf));
      expect(new Set(deliveries.map(({ id }) => id)).size, 'one id, however often').toBe(1);
      for (const { body } of deliveries) expect(body.data).toEqual(ends[index]);
    }
    const ids = await inParallel(work, 20, async ({ hook }) => {
      const [call] = hook.calls;
      return call === undefined ? undefined : (await deliveryOf(call)).id;
    });
    expect(new Set(ids).size).toBe(JOBS.length);
  });
});

describeAtScale('a worker that stood still until its job was given to another', () => {
  test('is heard no more when it comes to: the job stays as the other one ended it', async () => {
    const deployment = await startDeployment(upstream, { apis: 1, workers: 1 });
    const { api, jobRunner: frozen } = deployment;
    const [first, second] = [gate(), gate()];
    const scene = upstream.scene(
      streamsText(['too', ' late'], { gates: { 2: first.opened } }),
      streamsText(['in', ' time'], { gates: { 2: second.opened } }),
    );
    const accepted = await submitChat(api, chat(scene, { stream: true }));
    const deltas = async () => (await soFar(api, accepted)).filter(({ delta }) => delta).length;
    await eventually('it is half done', async () => (await deltas()) === 2);
    frozen.signal('SIGSTOP');
    await deployment.startWorker();
    await scene.call(1, 120_000);
    await eventually('the other one is as far', async () => (await deltas()) === 4);
    const events = await soFar(api, accepted);

    frozen.signal('SIGCONT');
    first.open();
    await sleep(3_000);
    expect((await getJob(api, accepted)).status).toBe('in_progress');
    expect(await soFar(api, accepted), 'nothing is told by the first one').toEqual(events);

    second.open();
    await eventually('it ends', async () => (await ended(api, accepted)).status === 'completed');
    const end = await expectOneEnd(api, accepted);
    expect(end).toMatchObject({ attempt: 2, usage });
    expect(JSON.stringify(end.result)).toContain('in time');
    // And it has come to no harm itself.
    await deployment.workers[1]?.stop();
    const next = await submitChat(api, chat(upstream.scene(answersPlausibly())));
    expect((await ended(api, next)).status).toBe('completed');
  });
});

/** What has been told of a job by now. */
async function soFar(api: Client, { urls }: Job): Promise<JobEvent[]> {
  const stream = await api.events(urls.events);
  await sleep(300);
  stream.leave();
  return stream.frames.map(({ data }) => jobEvent.parse(JSON.parse(data)));
}
