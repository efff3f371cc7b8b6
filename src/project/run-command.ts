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
