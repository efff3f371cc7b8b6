import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Delivery, Store } from '../../src/store/ports.js';
import { createTestStore } from '../support/test-store.js';
import { until } from '../support/until.js';
import { describeWithRedis, useRedis } from '../support/use-redis.js';

const delivery = (id: string): Delivery => ({
  id,
  jobId: 'job_1',
  tenant: 'acme',
  url: 'https://example.com',
  body: '{"type":"job.completed"}',
});

describeWithRedis('the Redis delivery queue', () => {
  const place = useRedis();
  let one: Store;
  let two: Store;
  beforeAll(async () => {
    [one, two] = await Promise.all([createTestStore(place), createTestStore(place)]);
  });
  afterAll(() => Promise.all([one.close(), two.close()]));

  it('delivers once, whoever hands over, and again when it is to be', async () => {
    const attempts: [string, number][] = [];
    await Promise.all(
      [one, two, one].map(({ deliveries }) => deliveries.enqueue(delivery('msg_1'))),
    );
    for (const { deliveries } of [one, two]) {
      deliveries.process(4, (each, attempt) => {
        expect(each).toEqual(delivery('msg_1'));
        attempts.push([each.id, attempt]);
        // The first was none.
        if (attempts.length === 1) return Promise.resolve(undefined);
        return Promise.resolve(attempt < 3 ? 10 : null);
      });
    }
    await until(() => attempts.length >= 4);
    await one.deliveries.drain(AbortSignal.timeout(1_000));
    expect(attempts).toEqual([1, 1, 2, 3].map((attempt) => ['msg_1', attempt]));
  });

  it('leaves what it was interrupted in to others, who begin that attempt anew', async () => {
    const third = await createTestStore(place);
    const attempts: [string, number][] = [];
    await two.deliveries.drain(AbortSignal.abort());
    third.deliveries.process(1, (_each, attempt, signal) => {
      attempts.push(['third', attempt]);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve(undefined);
        });
      });
    });
    await third.deliveries.enqueue(delivery('msg_2'));
    await until(() => attempts.length === 1);
    await third.deliveries.drain(AbortSignal.timeout(20));
    const fourth = await createTestStore(place);
    fourth.deliveries.process(1, (each, attempt, signal) => {
      expect(each).toEqual(delivery('msg_2'));
      expect(signal.aborted).toBe(false);
      attempts.push(['fourth', attempt]);
      return Promise.resolve(attempt === 1 ? 10 : null);
    });
    await until(() => attempts.length === 3);
    expect(attempts).toEqual([
      ['third', 1],
      ['fourth', 1],
      ['fourth', 2],
    ]);
    await fourth.deliveries.drain(AbortSignal.timeout(1_000));
    await Promise.all([third.close(), fourth.close()]);
  });
});
