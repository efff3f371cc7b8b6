import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { ApiKey, apiKeys, KeyHolder } from './clients/api-keys.js';
import type { Exchange } from './clients/client.js';
import { ended, getJob, submitChat } from './clients/jobs.js';
import { named, total } from './clients/metrics.js';
import { chat } from './clients/requests.js';
import { expectProblem } from './expectations/problem.js';
import { eventually } from './expectations/timing.js';
import { jobList } from './schemas/jobs.js';
import { oneProcess } from './subject/deployment.js';
import { useConfiguredBackend, type Backend } from './subject/use-backend.js';
import { gate, type Gate } from './upstream/gate.js';
import type { Scene } from './upstream/scene.js';
import { answersPlausibly, waitsFor } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

/** What one tenant's flood leaves to others. */

const upstream = useUpstream();
const path = '/v1/chat/completions';
const [acme, globex] = [new ApiKey('acme'), new ApiKey('globex')];
const API_KEYS = apiKeys([acme, globex]);

const tenantsOf = (backend: Backend) =>
  [new KeyHolder(backend, acme), new KeyHolder(backend, globex)] as const;

describe('where four jobs are kept', () => {
  const backend = useConfiguredBackend(upstream, { env: { API_KEYS, JOB_MAX_STORED: '4' } });

  test('who has most of those that have ended makes room', async () => {
    const [few, many] = tenantsOf(backend);
    const request = () => chat(upstream.scene(answersPlausibly()));
    const kept = await ended(few, await submitChat(few, request()));
    const jobs = [];
    for (let count = 0; count < 6; count += 1) {
      jobs.push(await ended(many, await submitChat(many, request())));
    }
    expect(await getJob(few, kept)).toEqual(kept);
    const { data } = (await many.get('/v1/jobs')).as(jobList);
    expect(data).toEqual(jobs.slice(3).toReversed());
  });
});

describe('where twenty jobs are kept', () => {
  const backend = useConfiguredBackend(upstream, {
    env: { API_KEYS, JOB_MAX_STORED: '20' },
  });

  test('a tenant’s live jobs do not take all of the room', async () => {
    const [few, many] = tenantsOf(backend);
    const release = gate();
    const held = () => chat(upstream.scene(waitsFor(release)));
    const statuses = [];
    for (let count = 0; count < 25; count += 1) {
      const answer = await many.post('/v1/jobs', { type: 'chat.completion', request: held() });
      statuses.push(answer.status);
    }
    expect(statuses).toContain(503);
    const accepted = await submitChat(few, held());
    release.open();
    expect((await ended(few, accepted)).status).toBe('completed');
  });
});

describe('one inference at a time, twenty that wait', () => {
  const backend = useConfiguredBackend(upstream, {
    ...oneProcess,
    env: { API_KEYS, MAX_CONCURRENT_INFERENCES: '1', MAX_QUEUED_INFERENCES: '20' },
  });

  const waiting = () => total(backend.processes, named('inferences_queued'));
  const running = () => total(backend.processes, named('inferences_in_progress'));
  beforeEach(() => eventually('nothing runs', async () => (await running()) === 0));

  interface Held extends Exchange {
    readonly scene: Scene;
  }

  /** Begins a call that is held until the gate opens, once it runs or waits. */
  async function begin(tenant: KeyHolder, release: Gate): Promise<Held> {
    const before = (await waiting()) + (await running());
    const scene = upstream.scene(waitsFor(release));
    const exchange = tenant.beginPost(path, chat(scene));
    onTestFinished(exchange.leave);
    await eventually(
      'one more runs or waits',
      async () => (await waiting()) + (await running()) > before,
    );
    return { ...exchange, scene };
  }

  test('tenants are served in turn', async () => {
    const [few, many] = tenantsOf(backend);
    const releases = Array.from({ length: 4 }, gate);
    const flood = [];
    for (const release of releases) flood.push(await begin(many, release));
    const last = gate();
    const other = await begin(few, last);
    releases[0]?.open();
    await flood[1]?.scene.call();
    releases[1]?.open();
    await other.scene.call();
    expect(flood.map(({ scene }) => scene.calls.length)).toEqual([1, 1, 0, 0]);
    for (const release of [last, ...releases]) release.open();
    for (const { answered } of [...flood, other]) expect((await answered).statusCode).toBe(200);
  });

  test('a tenant’s calls do not take all places to wait', async () => {
    const [few, many] = tenantsOf(backend);
    const release = gate();
    await begin(many, release);
    const scene = upstream.scene(waitsFor(release));
    const flood = Array.from({ length: 25 }, () => many.post(path, chat(scene)));
    expectProblem(await Promise.race(flood), { status: 503, code: 'overloaded' });
    const other = await begin(few, release);
    release.open();
    expect((await other.answered).statusCode).toBe(200);
    await Promise.all(flood);
  });
});
