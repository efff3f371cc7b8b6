export { createMemoryStore as createStore } from './memory/memory-store.js';
