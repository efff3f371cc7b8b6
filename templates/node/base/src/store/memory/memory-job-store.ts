import {
  changeJob,
  hasExpired,
  isOverdue,
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
import { TenantHoldings, type Held } from './tenant-holdings.js';

interface Entry extends Held {
  job: Job;
  size: number;
  readonly events: JobEvent[];
  readonly watchers: Set<() => void>;
}

const SWEEP_INTERVAL_MS = 30_000;

/** Inputs and results may be megabytes each: a bound on jobs alone would not keep memory in bounds. */
const MAX_SIZE = 512 * 1024 * 1024;
const RECORD_SIZE = 1_024;
const EVENT_SIZE = 256;

export class MemoryJobStore implements JobStore {
  /** In the order of their ids, which is that of their making. */
  readonly #entries = new Map<string, Entry>();
  readonly #unannounced = new Set<string>();
  readonly #holdings: TenantHoldings;
  #size = 0;
  readonly #sweeper: NodeJS.Timeout;

  constructor(
    private readonly maxStored: number,
    private readonly maxSize = MAX_SIZE,
  ) {
    this.#holdings = new TenantHoldings({ jobs: maxStored, size: maxSize });
    this.#sweeper = setInterval(() => {
      this.#sweep();
    }, SWEEP_INTERVAL_MS).unref();
  }

  insert(job: Job, event: NewJobEvent): Promise<boolean> {
    const size = RECORD_SIZE + EVENT_SIZE + toJson(job.input).length;
    if (!this.#makeRoom(job.tenant, size)) return Promise.resolve(false);
    const events = [{ ...event, sequence: 1 }];
    const entry = { job, size, events, watchers: new Set<() => void>() };
    this.#entries.set(job.id, entry);
    this.#holdings.add(entry);
    this.#size += size;
    return Promise.resolve(true);
  }

  find(tenant: string, id: string): Promise<Job | undefined> {
    return Promise.resolve(this.#visible(tenant, id)?.job);
  }

  async *list(tenant: string, { status, before }: JobQuery): AsyncGenerator<Job, void> {
    const newestFirst = [...this.#entries.values()].map(({ job }) => job).reverse();
    for (const job of newestFirst) {
      const isOlder = before === undefined || job.id < before;
      const isWanted = job.tenant === tenant && (status ?? job.status) === job.status;
      if (isOlder && isWanted && !hasExpired(job)) yield await Promise.resolve(job);
    }
  }

  update(
    id: string,
    guard: JobGuard,
    change: JobChange,
    event?: NewJobEvent,
  ): Promise<Job | undefined> {
    const entry = this.#entries.get(id);
    const job = entry && changeJob(entry.job, guard, change);
    if (entry === undefined || job === undefined) return Promise.resolve(undefined);
    this.#change(entry, job, (change.result?.length ?? 0) + eventSize(event));
    if (isTerminal(job.status) && job.webhook !== null) this.#unannounced.add(id);
    if (event !== undefined) entry.events.push({ ...event, sequence: entry.events.length + 1 });
    for (const onChange of [...entry.watchers]) onChange();
    return Promise.resolve(job);
  }

  async note(id: string, guard: JobGuard, change: JobChange, event: NewJobEvent): Promise<boolean> {
    return (await this.update(id, guard, change, event)) !== undefined;
  }

  events(id: string, afterSequence: number): Promise<readonly JobEvent[]> {
    return Promise.resolve(this.#entries.get(id)?.events.slice(afterSequence) ?? []);
  }

  watch(id: string, onChange: () => void): () => void {
    const watchers = this.#entries.get(id)?.watchers;
    watchers?.add(onChange);
    return () => watchers?.delete(onChange);
  }

  remove(tenant: string, id: string): Promise<boolean> {
    const entry = this.#visible(tenant, id);
    return Promise.resolve(entry !== undefined && isTerminal(entry.job.status) && this.#drop(id));
  }

  overdue(now: number): Promise<readonly string[]> {
    const jobs = [...this.#entries.values()].map(({ job }) => job);
    return Promise.resolve(jobs.filter((job) => isOverdue(job, now)).map(({ id }) => id));
  }

  unannounced(endedBefore: number): Promise<readonly Job[]> {
    const jobs = [...this.#unannounced].flatMap((id) => this.#entries.get(id)?.job ?? []);
    return Promise.resolve(jobs.filter(({ completedAt }) => (completedAt ?? 0) < endedBefore));
  }

  announced(id: string): Promise<void> {
    this.#unannounced.delete(id);
    return Promise.resolve();
  }

  countByStatus(): Promise<Readonly<Record<JobStatus, number>>> {
    const counts = Object.fromEntries(JOB_STATES.map((status) => [status, 0]));
    for (const { job } of this.#entries.values())
      counts[job.status] = (counts[job.status] ?? 0) + 1;
    return Promise.resolve(counts as Record<JobStatus, number>);
  }

  close(): Promise<void> {
    clearInterval(this.#sweeper);
    return Promise.resolve();
  }

  #visible(tenant: string, id: string): Entry | undefined {
    const entry = this.#entries.get(id);
    return entry?.job.tenant === tenant && !hasExpired(entry.job) ? entry : undefined;
  }

  #sweep(): void {
    for (const [id, { job }] of this.#entries) if (hasExpired(job)) this.#drop(id);
  }

  /** Drops jobs that have ended while the store is full; jobs that are live are never dropped. */
  #makeRoom(tenant: string, size: number): boolean {
    if (!this.#holdings.admits(tenant, size)) return false;
    const isFull = () => this.#entries.size >= this.maxStored || this.#size + size > this.maxSize;
    while (isFull()) {
      const ended = this.#holdings.nextToGo();
      if (ended === undefined) return false;
      this.#drop(ended);
    }
    return true;
  }

  #change(entry: Entry, job: Job, growth: number): void {
    this.#holdings.remove(entry);
    entry.job = job;
    entry.size += growth;
    this.#size += growth;
    this.#holdings.add(entry);
  }

  #drop(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#holdings.remove(entry);
    this.#size -= entry.size;
    this.#unannounced.delete(id);
    return this.#entries.delete(id);
  }
}

function eventSize(event: NewJobEvent | undefined): number {
  return event === undefined ? 0 : EVENT_SIZE + (event.delta?.length ?? 0);
}
