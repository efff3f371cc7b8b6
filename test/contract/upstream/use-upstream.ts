import { afterAll, beforeAll } from 'vitest';
import { settings } from '../subject/settings.js';
import { Upstream } from './upstream.js';

/** Gives a test file its upstream, from its first test to its last. Call it before `useBackend`. */
export function useUpstream(): Upstream {
  const upstream = new Upstream();
  beforeAll(() => upstream.listen(settings.upstreamPort));
  afterAll(() => upstream.close());
  return upstream;
}
