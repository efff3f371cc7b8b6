import { z } from 'zod';
import { count } from '../environment.js';

/** What the store reads of the environment: how much it may keep. */
export const storeEnvironment = z.object({
  CACHE_MAX_ENTRIES: count(10_000),
  JOB_MAX_STORED: count(10_000),
});
