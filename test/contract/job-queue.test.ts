import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { ended, getJob, reaches, submitChat } from './clients/jobs.js';
import { chat } from './clients/requests.js';
import { expectProblem } from './expectations/problem.js';
import { eventually, expectAbortWithinASecond } from './expectations/timing.js';
import { job, jobEvent, jobList } from './schemas/jobs.js';
import { oneProcess } from './subject/deployment.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { gate, type Gate } from './upstream/gate.js';
import { answersPlausibly, neverAnswers, waitsFor } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();

/** A scene whose call is held until the gate opens. */
function held(release: Gate) {
  return upstream.scene(waitsFor(release));
}

describe('the deadline of a job', () => {
  const backend = useBackend(upstream);

  test('passing while it runs: aborted, and failed with deadline_exceeded', async () => {
    const scene = upstream.scene(neverAnswers);
    const accepted = await submitChat(backend, chat(scene), { deadline_seconds: 1 });
    const call = await scene.call();
    const end = await ended(backend, accepted);
    expect(end).toMatchObject({ status: 'failed', error: { code: 'deadline_exceeded' } });
    await expectAbortWithinASecond(call, performance.now());
  });

  test('not reached: it changes nothing', async () => {
    const scene = upstream.scene(answersPlausibly());
    const accepted = await submitChat(backend, chat(scene), { deadline_seconds: 30 });
    expect((await ended(backend, accepted)).status).toBe('completed');
  });
});

describe('where one job runs at a time', () => {
  const backend = useConfiguredBackend(upstream, {
    ...oneProcess,
    env: { JOB_CONCURRENCY: '1' },
  });

  test('the others wait, and synchronous calls do not', async () => {
    const release = gate();
    const first = await submitChat(backend, chat(held(release)));
    await reaches(backend, first, 'in_progress');
    const scene = upstream.scene(answersPlausibly());
    const second = await submitChat(backend, chat(scene));
    await sleep(300);
    expect(await getJob(backend, second)).toMatchObject({
      status: 'queued',
      started_at: null,
      attempt: 0,
    });
    expect(scene.calls.length).toBe(0);
    const other = upstream.scene(answersPlausibly());
    expect((await backend.post('/v1/chat/completions', chat(other))).status).toBe(200);
    release.open();
    expect((await ended(backend, second)).status).toBe('completed');
  });

  test('a deadline that passes in the queue: expired, and nothing was asked of the upstream', async () => {
    const release = gate();
    const first = await submitChat(backend, chat(held(release)));
    await reaches(backend, first, 'in_progress');
    const scene = upstream.scene(answersPlausibly());
    const late = await submitChat(backend, chat(scene), { deadline_seconds: 1 });
    await eventually('the deadline passes', async () => {
      const { status } = await getJob(backend, late);
      expect(['queued', 'expired']).toContain(status);
      return status === 'expired';
    });
    release.open();
    await ended(backend, first);
    await sleep(300);
    const end = await getJob(backend, late);
    expect(end).toMatchObject({ status: 'expired', started_at: null, result: null, usage: null });
    expect(scene.calls.length).toBe(0);
    const frames = await (await backend.events(late.urls.events)).all();
    expect(frames.map(({ event }) => event)).toEqual(['job.queued', 'job.expired']);
  });

  test('a job that is cancelled in the queue is cancelled at once', async () => {
    const release = gate();
    const first = await submitChat(backend, chat(held(release)));
    await reaches(backend, first, 'in_progress');
    const scene = upstream.scene(answersPlausibly());
    const waiting = await submitChat(backend, chat(scene));
    const answer = await backend.send('POST', waiting.urls.cancel);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.as(job)).toMatchObject({ status: 'cancelled', started_at: null });
    release.open();
    await ended(backend, first);
    await sleep(300);
    expect(scene.calls.length).toBe(0);
    expect((await getJob(backend, waiting)).status).toBe('cancelled');
    const frames = await (await backend.events(waiting.urls.events)).all();
    const types = frames.map(({ data }) => jobEvent.parse(JSON.parse(data)).type);
    expect(types).toEqual(['job.queued', 'job.cancelled']);
  });

  test('a higher priority goes first; among equals, who came first', async () => {
    const release = gate();
    const first = await submitChat(backend, chat(held(release)));
    await reaches(backend, first, 'in_progress');
    const submissions = [
      ['low 1', 0],
      ['high 1', 90],
      ['middle', 50],
      ['high 2', 90],
      ['low 2', undefined],
    ] as const;
    const order: string[] = [];
    const jobs = [];
    for (const [name, priority] of submissions) {
      const scene = upstream.scene(async (call) => {
        order.push(name);
        await answersPlausibly()(call);
      });
      const options = priority === undefined ? {} : { priority };
      jobs.push(await submitChat(backend, chat(scene), options));
    }
    release.open();
    for (const each of jobs) await ended(backend, each);
    expect(order).toEqual(['high 1', 'high 2', 'middle', 'low 1', 'low 2']);
  });
});

describe('where ended jobs are kept for two seconds', () => {
  const backend = useConfiguredBackend(upstream, { env: { JOB_RETENTION_SECONDS: '2' } });

  test('they can be read for so long, and then no more', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    const done = await ended(backend, accepted);
    expect(done.status).toBe('completed');
    expect(done.expires_at - (done.completed_at ?? 0)).toBeGreaterThanOrEqual(1);
    expect(done.expires_at - (done.completed_at ?? 0)).toBeLessThanOrEqual(3);
    await eventually(
      'the record goes away',
      async () => (await backend.get(accepted.urls.self)).status === 404,
      8_000,
    );
    expectProblem(await backend.get(accepted.urls.self), { status: 404, code: 'job_not_found' });
    expect((await backend.get('/v1/jobs')).as(jobList).data).toEqual([]);
  });

  test('a job that still runs is not taken away', async () => {
    const release = gate();
    const accepted = await submitChat(backend, chat(held(release)));
    await sleep(3_500);
    expect((await getJob(backend, accepted)).status).toBe('in_progress');
    release.open();
    expect((await ended(backend, accepted)).status).toBe('completed');
  });
});

describe('where three jobs are kept', () => {
  const backend = useConfiguredBackend(upstream, { env: { JOB_MAX_STORED: '3' } });

  test('the oldest that has ended makes room', async () => {
    const jobs = [];
    for (let index = 0; index < 5; index += 1) {
      const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
      jobs.push(await ended(backend, accepted));
    }
    const { data } = (await backend.get('/v1/jobs')).as(jobList);
    expect(data).toEqual(jobs.slice(2).toReversed());
    expect((await backend.get(jobs[0]?.urls.self ?? '')).status).toBe(404);
  });

  test('live jobs are never dropped to make room', async () => {
    const release = gate();
    const live = [];
    for (let index = 0; index < 3; index += 1) {
      live.push(await submitChat(backend, chat(held(release))));
    }
    const request = { type: 'chat.completion', request: chat(upstream.scene(answersPlausibly())) };
    const refused = await backend.post('/v1/jobs', request);
    // Refusing is fair, keeping one more is, too; losing one is not.
    expect([202, 503]).toContain(refused.status);
    if (refused.status === 503) expect(refused.headers['retry-after']).toMatch(/^[1-9]\d*$/u);
    release.open();
    for (const each of live) expect((await ended(backend, each)).status).toBe('completed');
  });
});
