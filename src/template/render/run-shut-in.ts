import { execa } from 'execa';

export interface ShutInOptions {
  readonly milliseconds: number;
  readonly memoryMegabytes: number;
  /** What it may say. */
  readonly totalBytes: number;
  readonly directory: string;
}

export interface ShutInOutcome {
  readonly ended: 'done' | 'too-long' | 'too-much-output' | 'broken';
  /** What it said, as far as it came. */
  readonly output: string;
}

/**
 * Runs a program, given as text, with Node in a process that has no environment and no permission to read, write or start
 * anything, and in which text does not become code; from Node 25 on none to use the network either.
 */
export async function runShutIn(program: string, options: ShutInOptions): Promise<ShutInOutcome> {
  const { stdout, timedOut, isMaxBuffer, exitCode } = await execa(
    process.execPath,
    [...flags(options), '-'],
    {
      cwd: options.directory,
      env: essentials(),
      extendEnv: false,
      input: program,
      stderr: 'ignore',
      stripFinalNewline: false,
      timeout: options.milliseconds,
      killSignal: 'SIGKILL',
      maxBuffer: options.totalBytes,
      reject: false,
    },
  );
  const broken = exitCode === 0 ? 'done' : 'broken';
  return {
    ended: timedOut ? 'too-long' : isMaxBuffer ? 'too-much-output' : broken,
    output: stdout,
  };
}

function flags({ memoryMegabytes }: ShutInOptions): readonly string[] {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  return [
    permission,
    '--disallow-code-generation-from-strings',
    '--no-warnings',
    `--max-old-space-size=${memoryMegabytes}`,
  ];
}

/** What Windows cannot start a process without. */
function essentials(): NodeJS.ProcessEnv {
  const { SystemRoot } = process.env;
  return SystemRoot === undefined ? {} : { SystemRoot };
}
