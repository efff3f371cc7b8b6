import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../plan/plan.js';
import type { Service } from '../plan/service.js';
import { startCommand, type RunningCommand } from './run-command.js';
import { findContractFault } from './smoke-contract.js';
import { lastLines, PASSED, type StepOptions, type StepOutcome } from './steps.js';

const READY_WITHIN_MS = 60_000;
const POLL_MS = 100;

/** Settings of the machine that would decide what a new project answers. */
const NOT_INHERITED = ['API_KEYS', 'MODELS_FILE', 'PROVIDER_BASE_URL', 'PROVIDER_API_KEY'];

interface Check extends StepOptions {
  readonly command: Command;
  readonly service: Service;
  /** Whether it is asked for what the contract promises, once it is ready. */
  readonly speaks: boolean;
}

/** Starts the program on a free port, with the mock provider, and ends it again. */
export async function checkService(check: Check): Promise<StepOutcome> {
  const { command, service, directory } = check;
  const missing = service.needs.filter((name) => (process.env[name] ?? '') === '');
  if (missing.length > 0) {
    return { status: 'skipped', reason: `set ${missing.join(' and ')} to have it checked, too` };
  }
  const port = await freePort();
  const running = startCommand(command, { directory, env: environment(port) });
  try {
    const fault = await findFault(check, running, `http://127.0.0.1:${port}`);
    if (fault === undefined) return PASSED;
    const said = lastLines(running.output());
    return { status: 'failed', reason: `"${command.join(' ')}" ${fault}\n${said}` };
  } finally {
    await running.end();
  }
}

async function findFault(
  { service, speaks, signal }: Check,
  running: RunningCommand,
  url: string,
): Promise<string | undefined> {
  const { probes } = service;
  const stopped = running.ended.then(() => 'ended before it was ready:');
  const waiting = new AbortController();
  const limit = AbortSignal.any([signal, waiting.signal, AbortSignal.timeout(READY_WITHIN_MS)]);
  const fault = await Promise.race([stopped, waitUntilReady(url + probes.ready, limit)]);
  waiting.abort();
  if (fault !== undefined || !speaks) return fault;
  const broken = await findContractFault(url, probes, signal);
  return broken === undefined ? undefined : `does not keep the contract: ${broken}`;
}

async function waitUntilReady(url: string, signal: AbortSignal): Promise<string | undefined> {
  let last = 'nobody answers there';
  while (!signal.aborted) {
    try {
      const { status, ok } = await fetch(url, { signal });
      if (ok) return undefined;
      last = `it answers ${status}`;
    } catch {
      // it does not listen yet
    }
    await sleep(POLL_MS);
  }
  return `was not ready at ${new URL(url).pathname} within ${READY_WITHIN_MS / 1000} s: ${last}.`;
}

function environment(port: number): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.includes(name));
  return {
    ...Object.fromEntries(inherited),
    HOST: '127.0.0.1',
    PORT: String(port),
    PROVIDER: 'mock',
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
