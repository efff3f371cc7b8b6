import { writeSync } from 'node:fs';
import { openColours, PLAIN, type Colours } from './colours.js';
import { isTerminal } from './terminal.js';

/** Everything that this program says goes through here, so that `--json` can keep stdout to itself. */
export interface Output {
  /** Whether somebody reads `data`. */
  readonly json: boolean;
  /** Whether what was printed has to stay as it is, without colours. */
  readonly plain: boolean;
  /** The result a person asked for. */
  print(text: string): void;
  /** What a person should know besides. */
  note(text: string): void;
  /** What went wrong. */
  error(message: string): void;
  /** The one object of `--json`. */
  data(value: unknown): void;
  readonly colours: Colours;
  /** Whether a line may be rewritten in place. */
  readonly animated: boolean;
  /** Columns that a line may take. */
  width(): number;
  /** Replaces the line that the cursor is on; for `animated` output only. */
  redraw(line: string): void;
}

export async function createOutput(
  { json, plain }: Pick<Output, 'json' | 'plain'>,
  environment: NodeJS.ProcessEnv,
): Promise<Output> {
  const human = json ? 2 : 1;
  const colours = plain ? PLAIN : await openColours(human, environment);
  const onError = plain ? PLAIN : await openColours(2, environment);
  return {
    json,
    plain,
    print: (text) => {
      write(human, `${text}\n`);
    },
    note: (text) => {
      write(human, `${colours.dim(text)}\n`);
    },
    error: (message) => {
      write(2, `${onError.red('error')} ${message}\n`);
    },
    data: (value) => {
      if (json) write(1, `${JSON.stringify(value, null, 2)}\n`);
    },
    colours,
    animated: colours !== PLAIN,
    width: () => (isTerminal(human) ? process.stdout.columns : 80),
    redraw: (line) => {
      write(human, `\r\u001b[2K${line}`);
    },
  };
}

/** Synchronous, so that nothing is lost when the process ends; a reader that has gone away is not our failure. */
export function write(fd: 1 | 2, text: string): void {
  let rest = Buffer.from(text);
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') return;
      if (code !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5); // a full pipe: let its reader catch up
    }
  }
}
