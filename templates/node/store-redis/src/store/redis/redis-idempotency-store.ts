import type { Redis } from 'ioredis';
import type {
  IdempotencyClaim,
  IdempotencyRecord,
  IdempotencyStore,
  RecordedAnswer,
} from '../ports.js';
import type { Reach } from './reach.js';
import { defineScripts, type Scripts } from './scripts.js';

/** Answers who has the key: the fingerprint, and the answer or an empty text. */
const claimKey = `
local key, owner, fingerprint, leaseMs = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
if redis.call('EXISTS', key) == 1 then
  local held = redis.call('HMGET', key, 'fingerprint', 'answer')
  return { held[1], held[2] or '' }
end
redis.call('HSET', key, 'owner', owner, 'fingerprint', fingerprint)
redis.call('PEXPIRE', key, leaseMs)
return false
`;

/** What all others begin with: they do nothing where the owner has lost the key, or has answered. */
const ifHeld = `
local key, owner = ARGV[1], ARGV[2]
if redis.call('HGET', key, 'owner') ~= owner or redis.call('HEXISTS', key, 'answer') == 1 then return 0 end
`;

const renewKey = `${ifHeld} return redis.call('PEXPIRE', key, ARGV[3])`;

const completeKey = `${ifHeld}
redis.call('HSET', key, 'answer', ARGV[3])
return redis.call('EXPIRE', key, ARGV[4])
`;

const releaseKey = `${ifHeld} return redis.call('DEL', key)`;

const SCRIPTS = { claimKey, renewKey, completeKey, releaseKey };

/** Idempotency keys that all processes know. */
export class RedisIdempotencyStore implements IdempotencyStore {
  readonly #scripts: Scripts<keyof typeof SCRIPTS>;

  constructor(
    redis: Redis,
    private readonly reach: Reach,
    private readonly prefix: string,
  ) {
    this.#scripts = defineScripts(redis, SCRIPTS);
  }

  async claim(claim: IdempotencyClaim, leaseMs: number): Promise<IdempotencyRecord | undefined> {
    const { owner, fingerprint } = claim;
    const reply = await this.reach(
      this.#scripts.claimKey(this.#key(claim), owner, fingerprint, leaseMs),
    );
    if (reply === null) return undefined;
    const [heldBy = '', answer = ''] = reply as readonly string[];
    return {
      fingerprint: heldBy,
      answer: answer === '' ? null : (JSON.parse(answer) as RecordedAnswer),
    };
  }

  async renew(claim: IdempotencyClaim, leaseMs: number): Promise<void> {
    await this.reach(this.#scripts.renewKey(this.#key(claim), claim.owner, leaseMs));
  }

  async complete(
    claim: IdempotencyClaim,
    answer: RecordedAnswer,
    ttlSeconds: number,
  ): Promise<void> {
    const text = JSON.stringify(answer);
    await this.reach(this.#scripts.completeKey(this.#key(claim), claim.owner, text, ttlSeconds));
  }

  async release(claim: IdempotencyClaim): Promise<void> {
    await this.reach(this.#scripts.releaseKey(this.#key(claim), claim.owner));
  }

  #key({ key }: IdempotencyClaim): string {
    return `${this.prefix}:idempotency:${key}`;
  }
}
