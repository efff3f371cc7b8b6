import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryIdempotencyStore } from '../../src/store/memory/memory-idempotency-store.js';

const FEW_CHARACTERS = { answers: 100, characters: 100 };

describe('the memory idempotency store', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());

  const claimOf = (key: string, tenant = 'acme') => ({ tenant, key, owner: key, fingerprint: key });

  async function keep(store: MemoryIdempotencyStore, key: string, body = 'answer'): Promise<void> {
    await store.claim(claimOf(key), 60_000);
    await store.complete(claimOf(key), { status: 200, headers: {}, body }, 10);
  }

  async function has(store: MemoryIdempotencyStore, key: string): Promise<boolean> {
    return (await store.claim({ ...claimOf(key), owner: 'another' }, 0)) !== undefined;
  }

  it('drops the oldest answers when it is full, whether by number or by size', async () => {
    for (const bounds of [{ answers: 2, characters: 1_000 }, FEW_CHARACTERS]) {
      const store = new MemoryIdempotencyStore(bounds);
      for (const key of ['first', 'second', 'third']) await keep(store, key, 'x'.repeat(40));
      const kept = await Promise.all(['first', 'second', 'third'].map((key) => has(store, key)));
      expect(kept).toEqual([false, true, true]);
    }
  });

  it('drops no answer for those of another tenant', async () => {
    const store = new MemoryIdempotencyStore({ answers: 2, characters: 1_000 });
    const mine = claimOf('mine', 'globex');
    await store.claim(mine, 60_000);
    await store.complete(mine, { status: 200, headers: {}, body: 'answer' }, 10);
    for (const key of ['first', 'second', 'third']) await keep(store, key);
    expect(await store.claim(mine, 0)).toBeDefined();
    expect(store.size).toBe(3);
  });

  it('keeps nothing that has expired', async () => {
    const store = new MemoryIdempotencyStore();
    await keep(store, 'first');
    await keep(store, 'second');
    expect(store.size).toBe(2);
    vi.advanceTimersByTime(10_000);
    expect(await has(store, 'first')).toBe(false);
    await keep(store, 'third');
    expect(store.size).toBe(1);
  });

  it('has room again for an answer that is replaced', async () => {
    const store = new MemoryIdempotencyStore(FEW_CHARACTERS);
    await keep(store, 'first', 'x'.repeat(60));
    vi.advanceTimersByTime(10_000);
    await keep(store, 'first', 'x'.repeat(60));
    await keep(store, 'second', 'x'.repeat(40));
    expect(await has(store, 'first')).toBe(true);
  });
});
