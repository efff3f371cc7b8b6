import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { backendEnvironment, type Environment } from './environment.js';
import { registerProcess } from './process-register.js';
import { settings } from './settings.js';

export interface Configuration {
  env?: Environment;
  /** The content of the file that `MODELS_FILE` names. */
  models?: unknown;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Aliases that most tests need: one of its own, and every other name passed through. */
export const usualModels = { default: [{ model: 'contract-default' }], '*': [{}] };

const BOOT_PATIENCE_MS = 30_000;

/** A backend as a process of its own: started, watched, signalled and gone at the end. */
export class BackendProcess {
  readonly exited: Promise<Exit>;
  #url: string | undefined;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #stdout = '';
  #stderr = '';

  private constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  /** Starts the command without waiting for it to listen. */
  static async spawn(
    upstreamUrl: string,
    configuration: Configuration = {},
  ): Promise<BackendProcess> {
    const [file, ...args] = settings.command ?? [];
    if (file === undefined) throw new Error('CONTRACT_COMMAND is empty.');
    const folder = await mkdtemp(join(tmpdir(), 'contract-'));
    const modelsFile = join(folder, 'models.json');
    await writeFile(modelsFile, JSON.stringify(configuration.models ?? usualModels));
    const child = spawn(file, args, {
      cwd: settings.cwd,
      env: backendEnvironment(upstreamUrl, modelsFile, configuration.env),
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that a command that starts others leaves none behind.
      detached: true,
    });
    const backend = new BackendProcess(child, folder);
    try {
      // Rejects when there is no such command, or no such folder to run it in.
      await once(child, 'spawn');
    } catch (error) {
      await rm(folder, { recursive: true });
      throw new Error(`CONTRACT_COMMAND could not be started in ${settings.cwd}: ${String(error)}`);
    }
    await registerProcess(child.pid);
    return backend;
  }

  /** Starts the command and waits until it says where it listens. */
  static async start(upstreamUrl: string, configuration?: Configuration): Promise<BackendProcess> {
    const backend = await BackendProcess.spawn(upstreamUrl, configuration);
    await backend.#listening();
    return backend;
  }

  /** Where it listens, from its own log line. */
  get url(): string {
    if (this.#url === undefined) throw new Error('The backend has not said where it listens.');
    return this.#url;
  }

  get stdout(): string {
    return this.#stdout;
  }

  /** All that the process has printed, for assertions and for failure messages. */
  get output(): string {
    return this.#stdout + this.#stderr;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** How it ended; fails when it does not end in time. */
  async exit(patience: number): Promise<Exit> {
    const timer = new AbortController();
    const late = sleep(patience, undefined, { signal: timer.signal }).then(() => undefined);
    const exit = await Promise.race([this.exited, late]);
    if (exit === undefined) {
      throw new Error(`The backend had not ended ${String(patience)} ms later.\n${this.output}`);
    }
    timer.abort();
    late.catch(() => undefined);
    return exit;
  }

  /** Ends the process, whatever it is doing. */
  async stop(): Promise<void> {
    this.signal('SIGTERM');
    await Promise.race([this.exited, sleep(4_000)]);
    killGroup(this.#child.pid);
    await this.exited;
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #listening(): Promise<void> {
    const deadline = performance.now() + BOOT_PATIENCE_MS;
    while (this.#url === undefined) {
      this.#url = this.#stdout.split('\n').map(urlIn).find(Boolean);
      if (this.#child.exitCode !== null || performance.now() > deadline) {
        await this.stop();
        throw new Error(
          `No JSON log line with the field "url" told where the backend listens. It printed:\n${this.output}`,
        );
      }
      await sleep(10);
    }
  }
}

/** The field `url` of a JSON log line that says "listening". */
function urlIn(line: string): string | undefined {
  try {
    const { url } = JSON.parse(line) as { url?: unknown };
    return typeof url === 'string' && url.startsWith('http://')
      ? url.replace(/\/$/u, '')
      : undefined;
  } catch {
    return undefined;
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Gone already, which is what was wanted.
  }
}
