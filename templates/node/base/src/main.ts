import { runProcess } from './run-process.js';
import { startServer } from './server.js';

await runProcess((config) => startServer(config));
