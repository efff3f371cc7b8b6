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

/** Runs a program to its end without a shell and without a terminal to ask questions at. Does not throw. */
export async function runCommand(
  [file = '', ...args]: Command,
  { directory, signal }: RunOptions,
): Promise<CommandOutcome> {
  try {
    const result = await execa(file, args, {
      cwd: directory,
      stdin: 'ignore',
      all: true,
      forceKillAfterDelay: 3000,
      ...(signal ? { cancelSignal: signal } : {}),
    });
    return { ok: true, missing: false, output: result.all };
  } catch (error) {
    const { all, code, shortMessage } = error as ExecaError<{ all: true }>;
    return { ok: false, missing: code === 'ENOENT', output: all || shortMessage };
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

const END_WITHIN_MS = 10_000;

/** Starts a program in a process group of its own: a package manager in between may not hand signals on. */
export function startCommand(
  [file = '', ...args]: Command,
  { directory, env }: StartOptions,
): RunningCommand {
  const isWindows = process.platform === 'win32';
  const child = execa(file, args, {
    cwd: directory,
    env,
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    reject: false,
    detached: !isWindows,
  });
  const chunks: Buffer[] = [];
  child.all.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = child.then(() => undefined);
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.pid === undefined) return;
    if (isWindows)
      await execa('taskkill', ['/pid', String(child.pid), '/t', '/f'], { reject: false });
    else endGroup(child.pid, signal);
  };
  return {
    ended,
    output: () => Buffer.concat(chunks).toString(),
    end: async () => {
      await kill('SIGTERM');
      const timer = setTimeout(() => void kill('SIGKILL'), END_WITHIN_MS);
      await ended;
      clearTimeout(timer);
    },
  };
}

function endGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // it has ended already
  }
}
