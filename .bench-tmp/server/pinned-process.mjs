import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

const POLL_MS = 2;
const START_MS = 20_000;
const STOP_MS = 5_000;

/** A Node process that may run on one core only. What it writes goes to a file, as real lines. */
export class PinnedProcess {
  #child;
  #exit;

  constructor(child, logFile) {
    this.#child = child;
    this.#exit = once(child, 'exit');
    this.logFile = logFile;
  }

  /**
   * @param ipc whether it is to be talked to
   * @param idle whether it runs only when nothing else wants the core
   */
  static start({ name, core, args, cwd, env = {}, scratch, ipc = false, idle = false }) {
    const logFile = join(scratch, `${name}.log`);
    const log = openSync(logFile, 'a');
    const { PATH, HOME } = process.env;
    const priority = idle ? ['nice', 'chrt', '--idle', '0'] : [];
    const command = ['-c', String(core), ...priority, process.execPath, ...args];
    const child = spawn('taskset', command, {
      cwd,
      env: { PATH, HOME, ...env },
      stdio: ['ignore', log, log, ...(ipc ? ['ipc'] : [])],
    });
    closeSync(log);
    return new PinnedProcess(child, logFile);
  }

  get pid() {
    return this.#child.pid;
  }

  /** Asks a question over IPC, and gives the answer. */
  async ask(message) {
    this.#child.send(message);
    const answer = await Promise.race([once(this.#child, 'message'), this.#exit.then(() => null)]);
    if (answer === null) throw new Error(`It has ended. Its log:\n${this.readLog()}`);
    return answer[0];
  }

  /** Waits until it answers. */
  async answers(port, path) {
    const begun = performance.now();
    while (!(await isAnswered(port, path))) {
      if (this.#child.exitCode !== null || performance.now() - begun > START_MS) {
        throw new Error(`It does not answer at ${path}. Its log:\n${this.readLog()}`);
      }
      await sleep(POLL_MS);
    }
  }

  readLog() {
    return readFileSync(this.logFile, 'utf8').slice(-4_000);
  }

  async stop() {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#exit;
    clearTimeout(late);
  }
}

/** Over a bare socket: a client of HTTP would add its own first use to what is measured. */
function isAnswered(port, path) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nhost: bench\r\n\r\n`));
    socket.on('data', (bytes) => {
      socket.destroy();
      resolve(bytes.latin1Slice(0, 12) === 'HTTP/1.1 200');
    });
    socket.on('error', () => resolve(false));
  });
}

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
