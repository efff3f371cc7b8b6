import type { Frames } from '../http/event-stream.js';
import type { HttpAnswer } from '../http/http-answer.js';

/** Whether a controller answers as the backend does, with a status, headers and a body. */
export function isHttpAnswer(value: unknown): value is HttpAnswer {
  if (typeof value !== 'object' || value === null) return false;
  const { status, headers, body } = value as Partial<HttpAnswer>;
  return (
    typeof status === 'number' &&
    typeof headers === 'object' &&
    (typeof body === 'string' || areFrames(body))
  );
}

function areFrames(body: Partial<Frames> | undefined): boolean {
  return typeof body?.next === 'function' && typeof body.return === 'function';
}
