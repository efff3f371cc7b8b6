import { execa, type ExecaError } from 'execa';
import type { Command } from '../plan/plan.js';

export interface CommandOutcome {
  readonly ok: boolean;
  /** The program itself is not on this machine. */
  readonly missing: boolean;
  /** What it said, both streams in order. */
  readonly output: string;
}

export interface RunOptions {
  readonly directory: string;
  /** Ends the command when aborted. */
  readonly signal?: AbortSignal;
}

const isWindows = process.platform === 'win32';

/** A process group of its own: a package manager in between may not hand signals on. */
const IN_A_GROUP = { stdin: 'ignore', all: true, detached: !isWindows } as const;

const END_WITHIN_MS = 10_000;

/** Runs a program to its end without a shell and without a terminal to ask questions at. Does not throw. */
export async function runCommand(
  [file = '', ...args]: Command,
  { directory, signal }: RunOptions,
): Promise<CommandOutcome> {
  const options = { ...IN_A_GROUP, cwd: directory, reject: true } as const;
  const child = execa(file, args, options);
  const stop = (): void => void endGroup(child.pid, child);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    const { all } = await child;
    return { ok: true, missing: false, output: all };
  } catch (error) {
    const { all, code, shortMessage } = error as ExecaError<typeof options>;
    return { ok: false, missing: code === 'ENOENT', output: all || shortMessage };
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** A program that runs until it is ended. */
export interface RunningCommand {
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** What it has said so far, both streams in order. */
  output(): string;
  /** Ends it, and all that it has started. */
  end(): Promise<void>;
}

export interface StartOptions {
  readonly directory: string;
  /** The whole environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** Starts a program that runs until it is ended. */
export function startCommand(
  [file = '', ...args]: Command,
  { directory, env }: StartOptions,
): RunningCommand {
  const options = { ...IN_A_GROUP, cwd: directory, env, extendEnv: false, buffer: false } as const;
  const child = execa(file, args, { ...options, reject: false });
  const chunks: Buffer[] = [];
  child.all.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = child.then(() => undefined);
  return {
    ended,
    output: () => Buffer.concat(chunks).toString(),
    end: () => endGroup(child.pid, ended),
  };
}

/** Ends a program and all that it has started; by force where they take too long. */
async function endGroup(pid: number | undefined, ended: Promise<unknown>): Promise<void> {
  if (pid === undefined) return;
  await signalGroup(pid, 'SIGTERM');
  const timer = setTimeout(() => void signalGroup(pid, 'SIGKILL'), END_WITHIN_MS);
  await ended.catch(() => undefined);
  clearTimeout(timer);
}

async function signalGroup(pid: number, signal: NodeJS.Signals): Promise<void> {
  if (isWindows) {
    await execa('taskkill', ['/pid', String(pid), '/t', '/f'], { reject: false });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended already
  }
}
