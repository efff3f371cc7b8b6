import type { HttpAnswer } from '../http/http-answer.js';

/** Whether a controller answers as the backend does, with a status, headers and a body. */
export function isHttpAnswer(value: unknown): value is HttpAnswer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'status' in value &&
    'headers' in value &&
    'body' in value
  );
}
