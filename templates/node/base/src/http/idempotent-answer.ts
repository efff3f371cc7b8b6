import type { AbortSignalLike } from '../abort-signal.js';
import { KeyHold } from '../access/idempotency.js';
import type { RecordedAnswer } from '../store/ports.js';
import type { Frames } from './event-stream.js';
import type { HttpAnswer } from './http-answer.js';

/** Longer answers are not kept: their request is answered anew. */
const MAX_RECORDED_CHARACTERS = 1024 * 1024;

/**
 * The answer that the request had when it came before, or else a new one, which is kept when it is whole.
 *
 * @param signal aborts when the caller goes away
 * @throws {ApiError} 409, 422
 */
export async function answerOnce(
  begin: () => Promise<RecordedAnswer | KeyHold>,
  signal: AbortSignalLike,
  answer: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  const begun = await begin();
  if (begun instanceof KeyHold) return recordAnswer(begun, signal, answer);
  return { ...begun, headers: { ...begun.headers, 'idempotent-replayed': 'true' } };
}

async function recordAnswer(
  hold: KeyHold,
  signal: AbortSignalLike,
  answer: () => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  try {
    const given = await answer();
    if (typeof given.body === 'string') {
      await keep(hold, given, given.body);
      return given;
    }
    // A caller may leave before the first frame is read, and then no generator would come to its end.
    const release = () => void hold.release();
    if (signal.aborted) release();
    else signal.addEventListener('abort', release);
    return { ...given, body: recordFrames(hold, given, given.body) };
  } catch (error) {
    await hold.release();
    throw error;
  }
}

async function* recordFrames(hold: KeyHold, answer: HttpAnswer, frames: Frames) {
  let body = '';
  try {
    let step = await frames.next();
    for (; step.done !== true; step = await frames.next()) {
      if (body.length <= MAX_RECORDED_CHARACTERS) body += step.value;
      yield step.value;
    }
    await keep(hold, answer, body + step.value);
    return step.value;
  } finally {
    await frames.return();
    await hold.release();
  }
}

async function keep(hold: KeyHold, { status, headers }: HttpAnswer, body: string): Promise<void> {
  if (body.length > MAX_RECORDED_CHARACTERS) await hold.release();
  else await hold.complete({ status, headers: withoutLimits(headers), body });
}

/** What is left of a limit is another figure each time. */
function withoutLimits(headers: HttpAnswer['headers']): HttpAnswer['headers'] {
  const kept = Object.entries(headers).filter(([name]) => !name.startsWith('x-ratelimit-'));
  return Object.fromEntries(kept);
}
