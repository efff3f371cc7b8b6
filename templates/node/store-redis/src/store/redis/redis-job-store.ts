import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import {
  hasExpired,
  isTerminal,
  JOB_STATES,
  type Job,
  type JobChange,
  type JobEvent,
  type JobGuard,
  type JobStatus,
  type NewJobEvent,
} from '../../jobs/job.js';
import { toJson } from '../../json.js';
import type { JobQuery, JobStore } from '../ports.js';
import { readEvent, readRecord, writeEvent, writeRecord, type FlatRecord } from './job-record.js';
import { JOB_SCRIPTS } from './job-scripts.js';
import type { Reach } from './reach.js';
import type { RedisChannels } from './redis-channels.js';
import { defineScripts, type Scripts } from './scripts.js';

const SWEEP_INTERVAL_MS = 30_000;
const SWEEP_SIZE = 500;

/** Results may be megabytes each: a few are read at a time. */
const PAGE_SIZE = 10;

const WHOLE_ROUND = 100;

/** So many are looked at in about a millisecond. */
const LOST_JOBS_SLICE = 1_000;

/** How long what was sent before an outage may still come. */
const LATE_MS = 3_600_000;

/** What is done as soon as the server is there again. */
const PATIENT_SCRIPTS = {
  updateJob: JOB_SCRIPTS.updateJob,
  withdrawJob: JOB_SCRIPTS.withdrawJob,
};

export interface RedisJobStoreDependencies {
  readonly redis: Redis;
  /** For what runs change (see `update`), and for what is withdrawn: made where there is any of it. */
  readonly patientRedis: () => Redis;
  readonly channels: RedisChannels;
  readonly reach: Reach;
  readonly prefix: string;
  readonly maxStored: number;
  /** In bytes, of all that is kept for jobs together. */
  readonly maxSize: number;
}

/** Keeps jobs where every process finds them. Each change is one script, and so one step. */
export class RedisJobStore implements JobStore {
  readonly #redis: Redis;
  readonly #reach: Reach;
  readonly #prefix: string;
  readonly #scripts: Scripts<keyof typeof JOB_SCRIPTS>;
  #patientScripts: Scripts<keyof typeof PATIENT_SCRIPTS> | undefined;
  readonly #sweeper: NodeJS.Timeout;
  readonly #changes = { maker: randomUUID(), count: 0 };

  constructor(private readonly dependencies: RedisJobStoreDependencies) {
    const { redis, reach, prefix } = dependencies;
    this.#redis = redis;
    this.#reach = reach;
    this.#prefix = prefix;
    this.#scripts = defineScripts(redis, JOB_SCRIPTS);
    this.#sweeper = setInterval(() => {
      // Whatever hinders it now, there is a next time.
      this.sweep().catch(() => undefined);
    }, SWEEP_INTERVAL_MS).unref();
  }

  async insert({ input, ...job }: Job, event: NewJobEvent): Promise<boolean> {
    const { maxStored, maxSize } = this.dependencies;
    const fields = writeRecord(job);
    const texts = [writeEvent(event), toJson(input ?? null)];
    const limits = [job.tenant, maxStored, maxSize];
    const mayArrive = this.#redis.status === 'ready';
    const inserted = this.#scripts.insertJob(this.#prefix, job.id, ...limits, ...texts, ...fields);
    try {
      return (await this.#reach(inserted)) === 1;
    } catch (error) {
      if (mayArrive) this.#withdraw(job.id);
      throw error;
    }
  }

  async find(tenant: string, id: string): Promise<Job | undefined> {
    const [job] = await this.#read([id]);
    return job?.tenant === tenant && !hasExpired(job) ? job : undefined;
  }

  async *list(tenant: string, { status, before }: JobQuery): AsyncGenerator<Job, void> {
    const key = [this.#prefix, 'tenant', tenant, ...(status === undefined ? [] : [status])];
    let last = before;
    for (;;) {
      const from = last === undefined ? '+' : `(${last}`;
      const ids = await this.#reach(
        this.#redis.zrevrangebylex(key.join(':'), from, '-', 'LIMIT', 0, PAGE_SIZE),
      );
      const jobs = await this.#read(ids);
      yield* jobs.filter((job) => !hasExpired(job) && (status ?? job.status) === job.status);
      last = ids.at(-1);
      if (ids.length < PAGE_SIZE) return;
    }
  }

  async update(
    id: string,
    guard: JobGuard,
    change: JobChange,
    event?: NewJobEvent,
  ): Promise<Job | undefined> {
    const record = await this.#change(id, guard, change, event, false);
    return record === null ? undefined : readRecord(record as FlatRecord);
  }

  async note(id: string, guard: JobGuard, change: JobChange, event: NewJobEvent): Promise<boolean> {
    return (await this.#change(id, guard, change, event, true)) === 1;
  }

  async events(id: string, afterSequence: number): Promise<readonly JobEvent[]> {
    const texts = await this.#reach(
      this.#redis.lrange(this.#key(`job:${id}:events`), afterSequence, -1),
    );
    return texts.map((text, index) => readEvent(text, afterSequence + index + 1));
  }

  watch(id: string, onChange: () => void): () => void {
    return this.dependencies.channels.listen(this.#key(`changed:${id}`), onChange);
  }

  async remove(tenant: string, id: string): Promise<boolean> {
    return (await this.#reach(this.#scripts.removeJob(this.#prefix, id, tenant, Date.now()))) === 1;
  }

  overdue(now: number): Promise<readonly string[]> {
    const key = this.#key('status:queued');
    return this.#reach(this.#redis.zrangebyscore(key, '-inf', now, 'LIMIT', 0, WHOLE_ROUND));
  }

  async unannounced(endedBefore: number): Promise<readonly Job[]> {
    const key = this.#key('unannounced');
    return this.#read(
      await this.#reach(
        this.#redis.zrangebyscore(key, '-inf', `(${String(endedBefore)}`, 'LIMIT', 0, PAGE_SIZE),
      ),
    );
  }

  async announced(id: string): Promise<void> {
    await this.#reach(this.#redis.zrem(this.#key('unannounced'), id));
  }

  async countByStatus(): Promise<Readonly<Record<JobStatus, number>>> {
    // Those that have expired are not counted, though they may not be swept yet.
    const now = `(${String(Date.now())}`;
    const count = (status: JobStatus) =>
      this.#redis.zcount(this.#key(`status:${status}`), isTerminal(status) ? now : '-inf', '+inf');
    const counts = await this.#reach(Promise.all(JOB_STATES.map(count)));
    const byStatus = JOB_STATES.map((status, index) => [status, counts[index]]);
    return Object.fromEntries(byStatus) as Record<JobStatus, number>;
  }

  /** Removes what is kept no longer. */
  async sweep(): Promise<void> {
    const { sweepJobs } = this.#scripts;
    let swept: unknown;
    do swept = await this.#reach(sweepJobs(this.#prefix, '', Date.now(), SWEEP_SIZE));
    while (swept === SWEEP_SIZE);
  }

  /**
   * Live jobs, made before the given time, that are not in the queue; of many, some each time.
   *
   * @param queuePrefix what the queue's key of a job begins with
   * @param intervalMs how often the question is answered at most, whichever processes ask
   */
  async findLost(
    queuePrefix: string,
    before: number,
    intervalMs: number,
  ): Promise<readonly Pick<Job, 'id' | 'priority'>[]> {
    const { findLostJobs } = this.#scripts;
    const how = [queuePrefix, before, intervalMs, LOST_JOBS_SLICE];
    const lost = await this.#reach(findLostJobs(this.#prefix, '', ...how));
    const flat = lost as readonly (string | number)[];
    return Array.from({ length: flat.length / 2 }, (_, index) => ({
      id: String(flat[2 * index]),
      priority: Number(flat[2 * index + 1]),
    }));
  }

  /** Those of the given jobs whose cancellation was asked for. */
  async findCancelled(ids: readonly string[]): Promise<readonly string[]> {
    const requests = await this.#reach(
      Promise.all(ids.map((id) => this.#redis.hget(this.#key(`job:${id}`), 'cancelRequestedAt'))),
    );
    return ids.filter((_, index) => (requests[index] ?? 'null') !== 'null');
  }

  close(): Promise<void> {
    clearInterval(this.#sweeper);
    return Promise.resolve();
  }

  #change(
    id: string,
    { from, attempt }: JobGuard,
    change: JobChange,
    event: NewJobEvent | undefined,
    isNote: boolean,
  ): Promise<unknown> {
    this.#changes.count += 1;
    const { maker, count } = this.#changes;
    const isOfRun = attempt !== undefined && attempt > 0;
    const { updateJob } = isOfRun ? this.#patient : this.#scripts;
    return this.#reach(
      updateJob(
        ...[this.#prefix, id, toJson(`${maker}:${String(count)}`), isNote ? 1 : 0],
        ...[` ${from.join(' ')} `, attempt ?? ''],
        ...[event === undefined ? '' : writeEvent(event), change.status ?? ''],
        ...[change.startedAt ?? Date.now(), ...writeRecord(change)],
      ),
    );
  }

  /** Its caller has been told to try again: it must not be run twice. */
  #withdraw(id: string): void {
    this.#patient.withdrawJob(this.#prefix, id, LATE_MS).catch(() => undefined);
  }

  get #patient(): Scripts<keyof typeof PATIENT_SCRIPTS> {
    return (this.#patientScripts ??= defineScripts(
      this.dependencies.patientRedis(),
      PATIENT_SCRIPTS,
    ));
  }

  /** Those that are there, in the same order. */
  async #read(ids: readonly string[]): Promise<readonly Job[]> {
    const hashes = await this.#reach(
      Promise.all(ids.map((id) => this.#redis.hgetall(this.#key(`job:${id}`)))),
    );
    return hashes.map((hash) => readRecord(Object.entries(hash).flat())).filter(({ id }) => id);
  }

  #key(name: string): string {
    return `${this.#prefix}:${name}`;
  }
}
