import type { Redis } from 'ioredis';
import type {
  IdempotencyClaim,
  IdempotencyRecord,
  IdempotencyStore,
  RecordedAnswer,
} from '../ports.js';
import type { Reach } from './reach.js';
import { defineScripts, type Scripts } from './scripts.js';

/** What an answer takes beside its text. */
const RECORD_SIZE = 512;

/** Of one tenant, together. None has its answers pushed out by another's. */
const MAX_BYTES = 64 * 1024 * 1024;

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

/** Drops the tenant's oldest answers, and what is left of those that have expired, while it has too many. */
const completeKey = `${ifHeld}
local answer, ttl, pool, maxBytes = ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local sizeKey = pool .. ':size'
redis.call('HSET', key, 'answer', answer)
redis.call('EXPIRE', key, ttl)

local size = #answer + ${String(RECORD_SIZE)}
redis.call('RPUSH', pool, size .. ' ' .. key)
local total = redis.call('INCRBY', sizeKey, size)
for _, name in ipairs({ pool, sizeKey }) do redis.call('EXPIRE', name, ttl) end
while true do
  local oldestSize, oldest = string.match(redis.call('LINDEX', pool, 0), '^(%d+) (.*)$')
  local fits = total <= maxBytes and redis.call('EXISTS', oldest) == 1
  if fits or redis.call('LLEN', pool) == 1 then return 1 end
  redis.call('LPOP', pool)
  redis.call('UNLINK', oldest)
  total = redis.call('DECRBY', sizeKey, oldestSize)
end
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
    private readonly maxBytes = MAX_BYTES,
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
    const { tenant, owner } = claim;
    const bounds = [`${this.prefix}:answers:${tenant}`, this.maxBytes];
    const how = [JSON.stringify(answer), ttlSeconds, ...bounds];
    await this.reach(this.#scripts.completeKey(this.#key(claim), owner, ...how));
  }

  async release(claim: IdempotencyClaim): Promise<void> {
    await this.reach(this.#scripts.releaseKey(this.#key(claim), claim.owner));
  }

  /** No tenant has a colon in its name. */
  #key({ tenant, key }: IdempotencyClaim): string {
    return `${this.prefix}:idempotency:${tenant}:${key}`;
  }
}
