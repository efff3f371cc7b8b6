import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '../clients/client.js';
import { ProcessGroup } from './process-group.js';
import { settings } from './settings.js';

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const BOOT_PATIENCE_MS = 30_000;

/** One process of a backend, an API or a worker: started, watched, asked, signalled and gone at the end. */
export class BackendProcess extends Client {
  readonly exited: Promise<Exit>;
  #url: string | undefined;
  readonly #child: ChildProcess;
  readonly #group: ProcessGroup;
  #stdout = '';
  #stderr = '';

  private constructor(child: ChildProcess) {
    super();
    this.#child = child;
    this.#group = ProcessGroup.of(child);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal });
      });
    });
  }

  /** Starts a command without waiting for it to listen. */
  static async spawn(
    [file = '', ...args]: readonly string[],
    env: Record<string, string>,
  ): Promise<BackendProcess> {
    const child = spawn(file, args, {
      cwd: settings.cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that a command that starts others leaves none behind.
      detached: true,
    });
    const started = new BackendProcess(child);
    try {
      // Rejects when there is no such command, or no such folder to run it in.
      await once(child, 'spawn');
    } catch (error) {
      throw new Error(`"${file}" could not be started in ${settings.cwd}: ${String(error)}`);
    }
    return started;
  }

  /** Where it listens, from its own log line. */
  get baseUrl(): string {
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

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
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
    await Promise.race([this.exited, sleep(4_000, undefined, { ref: false })]);
    await this.kill();
  }

  /** Ends the process and all that it started at once, as a machine does that fails. */
  async kill(): Promise<void> {
    this.#group.kill();
    await this.exited;
  }

  /** Waits until it says where it listens. */
  async listening(): Promise<void> {
    const deadline = performance.now() + BOOT_PATIENCE_MS;
    while (this.#url === undefined) {
      this.#url = this.#stdout.split('\n').map(urlIn).find(Boolean);
      if (!this.isRunning || performance.now() > deadline) {
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
