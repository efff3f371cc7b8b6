import { spawn, type ChildProcess } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProcessGroup } from './process-group.js';

export interface RedisOptions {
  /** What happens when memory is full: a queue must keep everything, a cache must make room. */
  policy: 'noeviction' | 'allkeys-lru';
  /** Whether everything is written to a file, so that it outlives a restart. */
  appendOnly?: boolean;
}

/** A Redis server of the suite's own, which can go away and come back. */
export class RedisServer {
  #child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly options: RedisOptions,
  ) {}

  static async start(options: RedisOptions): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'contract-redis-'));
    for (;;) {
      const server = new RedisServer(await freePort(), folder, options);
      try {
        await server.run();
        return server;
      } catch (error) {
        // Another suite may have been quicker.
        if (!String(error).includes('Address already in use')) throw error;
      }
    }
  }

  get url(): string {
    return `redis://127.0.0.1:${String(this.port)}`;
  }

  /** Starts it, or starts it again, on its own port and with the data that it kept. */
  async run(): Promise<void> {
    const { policy, appendOnly = false } = this.options;
    const child = spawn(
      'redis-server',
      [
        ...['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder],
        ...['--save', '', '--appendonly', appendOnly ? 'yes' : 'no', '--appendfsync', 'always'],
        ...['--maxmemory', '256mb', '--maxmemory-policy', policy],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'], detached: true },
    );
    this.#child = child;
    ProcessGroup.of(child);
    await this.#ready(child);
  }

  /** Stops it, in good order or not: from now on connections are refused. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A server that was paused hears nothing until it goes on.
    child.kill('SIGCONT');
    await exited;
  }

  /** Lets it stand still: connections stay open, and nothing is answered. */
  pause(): Promise<void> {
    this.#child?.kill('SIGSTOP');
    return Promise.resolve();
  }

  resume(): Promise<void> {
    this.#child?.kill('SIGCONT');
    return Promise.resolve();
  }

  /** Stops it for good, with all its data. */
  async remove(): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #ready(child: ChildProcess): Promise<void> {
    let printed = '';
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream?.setEncoding('utf8').on('data', (text: string) => {
          printed += text;
          if (printed.includes('Ready to accept connections')) resolve();
        });
      }
      child.once('error', reject);
      // Not before all that it has printed is here.
      child.once('close', (code, signal) => {
        const words = printed.trim().split('\n').slice(-3).join(' ');
        reject(new Error(`redis-server ended at once (${String(signal ?? code)}): ${words}`));
      });
    });
  }
}

/**
 * One below those that systems hand out by themselves, from 32768 on: nobody takes it while its server is away for a
 * moment.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 30_000);
    if (await canListen(port)) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
