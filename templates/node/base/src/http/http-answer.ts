import type { Frames } from './event-stream.js';

/** An answer as a value; each web framework sends it in its own way. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or the frames of an event stream, to be sent by `sendEventStream`. */
  readonly body: string | Frames;
}

const JSON_TYPE = 'application/json; charset=utf-8';

export function jsonAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { status, headers: Object.assign({ 'content-type': JSON_TYPE }, headers), body };
}
