import type { Redis } from 'ioredis';
import type { Outcome } from '../../inference/task.js';
import type { ResultCache } from '../ports.js';
import type { Reach } from './reach.js';

/** An embedding of many texts is megabytes; what is larger would drive too much else out. */
const MAX_ENTRY_LENGTH = 16 * 1024 * 1024;

/** Answers that all processes share. Which of them go when memory is full is the server's to decide. */
export class RedisResultCache implements ResultCache {
  constructor(
    private readonly redis: Redis,
    private readonly reach: Reach,
    private readonly prefix: string,
  ) {}

  async get(key: string): Promise<Outcome | undefined> {
    const entry = await this.reach(this.redis.get(this.#key(key)));
    return entry === null ? undefined : readEntry(entry);
  }

  async set(key: string, outcome: Outcome, ttlSeconds: number): Promise<void> {
    const entry = writeEntry(outcome);
    if (entry.length > MAX_ENTRY_LENGTH) return;
    await this.reach(this.redis.set(this.#key(key), entry, 'EX', ttlSeconds));
  }

  #key(key: string): string {
    return `${this.prefix}:cache:${key}`;
  }
}

/** The body stands as it is behind a line with the rest: as a JSON string it would be written and read anew each time. */
function writeEntry({ body, ...rest }: Outcome): string {
  return `${JSON.stringify(rest)}\n${body}`;
}

function readEntry(entry: string): Outcome {
  const end = entry.indexOf('\n');
  const rest = JSON.parse(entry.slice(0, end)) as Omit<Outcome, 'body'>;
  return { ...rest, body: entry.slice(end + 1) };
}
