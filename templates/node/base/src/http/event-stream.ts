import { toApiError } from '../errors.js';
import type { Stream } from '../stream.js';
import type { HttpAnswer } from './http-answer.js';

/** Server-sent events, as text: those that are there at once, and in the end the last ones. */
export type Frames = Stream<string, string>;

/** How long a stream may be silent before a comment shows proxies that it lives. */
export const HEARTBEAT_MS = 15_000;

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

/** Tells of a failure amid a stream. After it, the connection has to break: not everybody knows this frame. */
export function failureFrame(error: unknown): string {
  return dataFrame(JSON.stringify({ error: toApiError(error).body }));
}

/** A provider's JSON may be written over several lines, each of which has to say that it is data. Most is not. */
function dataLines(data: string): string {
  if (!data.includes('\n') && !data.includes('\r')) return `data: ${data}`;
  return `data: ${data.replaceAll(/\r\n|\r|\n/g, '\ndata: ')}`;
}

export function eventStreamAnswer(
  frames: Frames,
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
    body: frames,
  };
}
