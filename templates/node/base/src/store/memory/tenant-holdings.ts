import { isTerminal, type Job } from '../../jobs/job.js';
import { shareOf } from '../../tenant-share.js';

/** A job that is stored. */
export interface Held {
  readonly job: Job;
  /** About what it takes, its events included. */
  readonly size: number;
}

/** What one tenant has in store, or all of them together. */
interface Holding {
  live: number;
  liveSize: number;
  endedSize: number;
  /** Ids, in the order in which the jobs ended. */
  readonly ended: Set<string>;
}

export interface Room {
  readonly jobs: number;
  readonly size: number;
}

/** Who has how much of the store, and whose jobs are to give way when it is full. */
export class TenantHoldings {
  readonly #all = emptyHolding();
  readonly #tenants = new Map<string, Holding>();

  constructor(private readonly room: Room) {}

  add(held: Held): void {
    this.#count(held, 1);
    if (isTerminal(held.job.status)) this.#of(held.job.tenant).ended.add(held.job.id);
  }

  remove(held: Held): void {
    this.#count(held, -1);
    this.#of(held.job.tenant).ended.delete(held.job.id);
  }

  /** Whether the tenant may have one more live job, of this size. */
  admits(tenant: string, size: number): boolean {
    const all = this.#all;
    const own = this.#of(tenant);
    return (
      own.live + 1 <= shareOf(this.room.jobs, all.live - own.live) &&
      own.liveSize + size <= shareOf(this.room.size, all.liveSize - own.liveSize)
    );
  }

  /** Id of the job that ended first, of the tenant whose ended jobs take up most. */
  nextToGo(): string | undefined {
    let most: Holding | undefined;
    for (const holding of this.#tenants.values())
      if (holding.endedSize > (most?.endedSize ?? 0)) most = holding;
    return most?.ended.values().next().value;
  }

  #count({ job, size }: Held, sign: 1 | -1): void {
    for (const holding of [this.#all, this.#of(job.tenant)]) {
      if (isTerminal(job.status)) {
        holding.endedSize += sign * size;
      } else {
        holding.live += sign;
        holding.liveSize += sign * size;
      }
    }
  }

  #of(tenant: string): Holding {
    const known = this.#tenants.get(tenant);
    if (known !== undefined) return known;
    const holding = emptyHolding();
    this.#tenants.set(tenant, holding);
    return holding;
  }
}

function emptyHolding(): Holding {
  return { live: 0, liveSize: 0, endedSize: 0, ended: new Set() };
}
