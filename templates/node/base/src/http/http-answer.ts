import type { Frames } from './event-stream.js';

/** An answer as a value; each web framework sends it in its own way. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or the frames of an event stream, to be sent by `sendEventStream`. */
  readonly body: string | Frames;
}

export function jsonAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return { status, headers: Object.assign(type, headers), body };
}
