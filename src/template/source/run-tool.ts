import { execa, type ExecaError } from 'execa';
import { LIMITS } from './limits.js';

export interface ToolOutcome {
  readonly status: 'done' | 'failed' | 'missing' | 'too-large';
  readonly stdout: Buffer;
  /** Both streams, as text, of what has failed. */
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
  const running = start(file, args, directory, environment);
  const end = (): void => {
    endWithChildren(running.pid);
  };
  signal.addEventListener('abort', end);
  process.once('exit', end);
  try {
    const { stdout, stderr } = await running;
    return outcome('done', stdout, stderr);
  } catch (error) {
    signal.throwIfAborted();
    const { code, isMaxBuffer, stdout, stderr, shortMessage } = error as ExecaError<{
      encoding: 'buffer';
    }>;
    if (code === 'ENOENT') return outcome('missing', EMPTY, Buffer.from(shortMessage));
    return outcome(isMaxBuffer ? 'too-large' : 'failed', stdout, stderr);
  } finally {
    signal.removeEventListener('abort', end);
    process.removeListener('exit', end);
  }
}

const IS_WINDOWS = process.platform === 'win32';

/** In a process group of its own: git leaves behind what it has started to talk to a server when it is ended alone. */
function start(
  file: string,
  args: readonly string[],
  directory: string,
  environment: NodeJS.ProcessEnv,
) {
  return execa(file, args, {
    cwd: directory,
    // English, because it is read by us.
    env: { ...environment, LC_ALL: 'C', LANGUAGE: 'en' },
    extendEnv: false,
    stdin: 'ignore',
    encoding: 'buffer',
    stripFinalNewline: false,
    maxBuffer: LIMITS.tarBytes,
    detached: !IS_WINDOWS,
  });
}

/** At once: all that it has made lies in a folder that is thrown away. */
function endWithChildren(pid: number | undefined): void {
  if (pid === undefined) return;
  if (IS_WINDOWS) {
    execa('taskkill', ['/pid', String(pid), '/t', '/f']).catch(() => undefined);
    return;
  }
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended already
  }
}

const EMPTY = new Uint8Array();

function outcome(
  status: ToolOutcome['status'],
  stdout: Uint8Array = EMPTY,
  stderr: Uint8Array = EMPTY,
): ToolOutcome {
  const [out, err] = [Buffer.from(stdout), Buffer.from(stderr)];
  const said = status === 'done' ? '' : `${out.toString()}\n${err.toString()}`;
  return { status, stdout: out, said };
}
