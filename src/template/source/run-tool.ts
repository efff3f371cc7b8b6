import { execa, type ExecaError } from 'execa';
import { LIMITS } from './limits.js';

export interface ToolOutcome {
  readonly status: 'done' | 'failed' | 'missing' | 'too-large';
  readonly stdout: Buffer;
  /** Both streams, as text. */
  readonly said: string;
}

export interface ToolContext {
  readonly directory: string;
  /** The whole environment. */
  readonly environment: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/**
 * Runs git or npm without a shell and without anybody to ask. Its failure is a value, for its own words have to be
 * understood first. Throws the signal's reason when aborted.
 */
export async function runTool(
  file: string,
  args: readonly string[],
  { directory, environment, signal }: ToolContext,
): Promise<ToolOutcome> {
  signal.throwIfAborted();
  try {
    const { stdout, stderr } = await execa(file, args, {
      cwd: directory,
      // English, because it is read by us.
      env: { ...environment, LC_ALL: 'C', LANGUAGE: 'en' },
      extendEnv: false,
      stdin: 'ignore',
      encoding: 'buffer',
      stripFinalNewline: false,
      maxBuffer: LIMITS.tarBytes,
      cancelSignal: signal,
      forceKillAfterDelay: 3000,
    });
    return outcome('done', stdout, stderr);
  } catch (error) {
    signal.throwIfAborted();
    const { code, isMaxBuffer, stdout, stderr, shortMessage } = error as ExecaError<{
      encoding: 'buffer';
    }>;
    if (code === 'ENOENT') return outcome('missing', EMPTY, Buffer.from(shortMessage));
    return outcome(isMaxBuffer ? 'too-large' : 'failed', stdout, stderr);
  }
}

const EMPTY = new Uint8Array();

function outcome(
  status: ToolOutcome['status'],
  stdout: Uint8Array = EMPTY,
  stderr: Uint8Array = EMPTY,
): ToolOutcome {
  const [out, err] = [Buffer.from(stdout), Buffer.from(stderr)];
  // What was done is read from stdout; only what failed is looked at as text.
  return {
    status,
    stdout: out,
    said: status === 'done' ? '' : `${out.toString()}\n${err.toString()}`,
  };
}
