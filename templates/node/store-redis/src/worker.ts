import { runProcess } from './run-process.js';
import { startWorker } from './start-worker.js';

await runProcess((config) => startWorker(config));
