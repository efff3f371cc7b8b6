import { createMemoryStore } from './memory/memory-store.js';
import type { CreateStore } from './ports.js';

/** Keeps everything in this process. */
export const createStore: CreateStore = (config, logger) =>
  Promise.resolve(createMemoryStore(config, logger));
