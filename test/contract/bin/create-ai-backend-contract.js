#!/usr/bin/env node
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCLI, startVitest } from 'vitest/node';

const USAGE = `Usage: create-ai-backend-contract --command "node dist/main.js" [options] [-- arguments for vitest]

Checks over HTTP that a backend serves the contract of create-ai-backend, and ends with 0 when it does.

  --command <command>          Starts the backend, without a shell; or
  --base-url <url>             Where a backend that already runs is reached, with
  --upstream-port <port>       the port where that one expects its provider
  --cwd <folder>               Where the commands run  [default: here]
  --store <memory|redis>       The store that the backend was made with  [default: memory]
  --worker-command <command>   Starts a worker; with --store redis
  --apis <number>              API processes behind a balancer; with --store redis  [default: 1]
  --workers <number>           Worker processes; with --store redis  [default: 1]
  --queue-redis-url <url>      Redis servers whose databases may be emptied
  --cache-redis-url <url>        [default: servers of its own]
  --production-env <name=value>
                               What tells the backend that it runs in production  [default: NODE_ENV=production]
  --required                   Fail where Redis is not to be had, instead of leaving out what needs it

Each can be given as an environment variable, too: --worker-command as CONTRACT_WORKER_COMMAND.`;

const NAMES = [...USAGE.matchAll(/^ {2}--([a-z-]+) </gm)].map(([, name]) => name);

function readArguments() {
  const text = { type: 'string' };
  const options = Object.fromEntries(NAMES.map((name) => [name, text]));
  try {
    return parseArgs({
      options: { ...options, required: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    });
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { values, positionals } = readArguments();
const { help, ...settings } = values;
if (help) {
  console.log(USAGE);
} else {
  for (const [name, value] of Object.entries(settings)) {
    process.env[`CONTRACT_${name.toUpperCase().replaceAll('-', '_')}`] = String(value);
  }
  // The suite's files lie elsewhere, and its workers with them.
  process.env.CONTRACT_CWD = resolve(process.env.CONTRACT_CWD ?? '.');
  const { filter, options } = parseCLI(['vitest', 'run', ...positionals]);
  const config = join(import.meta.dirname, '../vitest.config.ts');
  await startVitest('test', filter, { ...options, config, watch: false });
}
