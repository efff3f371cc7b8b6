import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { plainEnvironment } from './run-program.js';

/** Whether this machine has what a real terminal session takes. CI has to have it. */
export const hasTerminal = spawnSync('tmux', ['-V']).status === 0 || process.env['CI'] === 'true';

/** The program in a terminal of its own, as a person sees it. */
export interface Terminal {
  /** Presses keys by the names that tmux has for them: `Enter`, `Down`, `C-c`. */
  readonly press: (...keys: readonly string[]) => void;
  readonly type: (text: string) => void;
  /** Waits until the screen shows something, and returns the screen. */
  readonly see: (wanted: string | RegExp) => Promise<string>;
  readonly close: () => void;
}

export interface Size {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** When the program has ended, the screen shows `exit: <code>`. */
export function openTerminal(
  cwd: string,
  args: readonly string[],
  { columns = 100, rows = 50, env = {} }: Size = {},
): Terminal {
  const socket = `create-ai-backend-${randomUUID()}`;
  const tmux = (...command: readonly string[]): string =>
    execFileSync('tmux', ['-L', socket, ...command], {
      encoding: 'utf8',
      env: { ...plainEnvironment(), ...env, LC_ALL: 'C.UTF-8' },
    });
  const quoted = [process.execPath, inject('program'), ...args]
    .map((part) => `'${part}'`)
    .join(' ');
  // tmux says itself what terminal it is.
  const variables = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  const size = ['-x', String(columns), '-y', String(rows)];
  tmux(
    '-u',
    'new-session',
    '-d',
    ...size,
    '-c',
    cwd,
    `${[...variables, quoted].join(' ')}; echo "exit: $?"; exec sleep 600`,
  );
  const screen = (): string => tmux('capture-pane', '-p', '-J');
  return {
    press: (...keys) => {
      tmux('send-keys', ...keys);
    },
    type: (text) => {
      tmux('send-keys', '-l', text);
    },
    see: (wanted) => waitFor(screen, wanted),
    close: () => {
      spawnSync('tmux', ['-L', socket, 'kill-server']);
    },
  };
}

const PATIENCE_MS = 20_000;

async function waitFor(screen: () => string, wanted: string | RegExp): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const text = screen();
    if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return text;
    if (Date.now() > deadline) throw new Error(`"${String(wanted)}" does not appear in:\n${text}`);
    await sleep(50);
  }
}
