import { toApiError } from '../errors.js';
import type { HttpAnswer } from './http-answer.js';

/** How long a stream may be silent before a comment shows proxies that it lives. */
const HEARTBEAT_MS = 15_000;

/**
 * How long a connection may stay still amid a stream, heartbeats included, until its reader is given up: whoever stops
 * reading, but stays, would keep a slot, and hold up the end of the process.
 */
export const STALLED_MS = 4 * HEARTBEAT_MS;

/** What readers of events pass over. */
export const COMMENT = ': keep-alive\n\n';

export const DONE = 'data: [DONE]\n\n';

export function dataFrame(data: string): string {
  return `${dataLines(data)}\n\n`;
}

export function eventFrame(event: string, data: string, id?: number): string {
  return `${id === undefined ? '' : `id: ${String(id)}\n`}event: ${event}\n${dataLines(data)}\n\n`;
}

/** A provider's JSON may be written over several lines, each of which has to say that it is data. */
function dataLines(data: string): string {
  return `data: ${data.replaceAll(/\r\n|\r|\n/g, '\ndata: ')}`;
}

/**
 * Server-sent events. A failure is told in a last frame, and then by the end of the connection: whoever does not know
 * that frame must not take what came so far for the whole.
 */
export function eventStreamAnswer(
  frames: AsyncGenerator<string, void>,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return {
    status: 200,
    headers: {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    },
    body: withErrorFrame(withHeartbeat(frames)),
  };
}

async function* withErrorFrame(frames: AsyncGenerator<string, void>): AsyncGenerator<string, void> {
  try {
    yield* frames;
  } catch (error) {
    yield dataFrame(JSON.stringify({ error: toApiError(error).body }));
    throw error;
  }
}

export async function* withHeartbeat(
  frames: AsyncGenerator<string, void>,
  intervalMs = HEARTBEAT_MS,
): AsyncGenerator<string, void> {
  try {
    let next = frames.next();
    for (;;) {
      const step = await withinInterval(next, intervalMs);
      if (step === 'silent') {
        yield COMMENT;
      } else if (step.done === true) {
        return;
      } else {
        yield step.value;
        next = frames.next();
      }
    }
  } finally {
    await frames.return();
  }
}

async function withinInterval<Value>(
  work: Promise<Value>,
  intervalMs: number,
): Promise<Value | 'silent'> {
  let timer: NodeJS.Timeout | undefined;
  const silent = new Promise<'silent'>((resolve) => {
    timer = setTimeout(resolve, intervalMs, 'silent');
  });
  try {
    return await Promise.race([work, silent]);
  } finally {
    clearTimeout(timer);
  }
}
