import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';

export interface Outcome {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Circumstances {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

/** An empty folder of its own for a test to work in. */
export function makeFolder(name = 'work'): string {
  return mkdtempSync(join(inject('scratch'), `${name}-`));
}

/** The surroundings of a test: nothing of the machine's npm or CI leaks in, but whom it trusts. */
export function plainEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).flatMap(([name, value]) =>
    value === undefined ||
    /^(npm_|CI$|NODE_(?!EXTRA_CA_CERTS$)|VITEST|NO_COLOR|FORCE_COLOR)/.test(name)
      ? []
      : [[name, value] as const],
  );
  return Object.fromEntries(entries);
}

/** Runs the packed program as somebody without a terminal would. */
export async function runProgram(
  args: readonly string[],
  { cwd, env = {}, ...identity }: Circumstances,
): Promise<Outcome> {
  const { exitCode, signal, stdout, stderr } = await execa(
    process.execPath,
    [inject('program'), ...args],
    {
      cwd,
      env: { ...plainEnvironment(), ...env },
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      stripFinalNewline: false,
      timeout: 50_000,
      ...identity,
    },
  );
  return { exitCode, signal, stdout, stderr };
}

/** Flags of a run that is over in a moment. */
export const QUICK = ['--yes', '--no-install', '--no-git'] as const;

/** The same, for a project named `my-ai`. */
export function create(cwd: string, ...flags: readonly string[]): Promise<Outcome> {
  return runProgram(['my-ai', ...QUICK, ...flags], { cwd });
}
