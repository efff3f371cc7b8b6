import { expect } from 'vitest';
import type { EventStream, Frame } from '../clients/event-stream.js';
import { chatChunk, type ChatChunk } from '../schemas/chat.js';
import { errorFrame } from '../schemas/problem.js';
import type { z } from 'zod';

/** The chunks of a stream that must end well: `[DONE]` last, and the connection closed in good order. */
export async function chunksOf(stream: EventStream): Promise<ChatChunk[]> {
  const frames = await stream.all();
  expect(frames.at(-1)?.data, 'a stream that ends well ends with [DONE]').toBe('[DONE]');
  expect(await stream.ended).toBe('complete');
  return frames.slice(0, -1).map(parseChunk);
}

/** One frame as a chunk. */
export function parseChunk(frame: Frame): ChatChunk {
  return chatChunk.parse(JSON.parse(frame.data));
}

/** The text that a list of chunks adds up to, of the first choice. */
export function textOf(chunks: readonly ChatChunk[]): string {
  return chunks.map((each) => each.choices[0]?.delta.content ?? '').join('');
}

/** Checks that a stream failed as the contract says: an error frame last, never `[DONE]`. */
export async function expectStreamToFail(
  stream: EventStream,
  code = 'upstream_error',
): Promise<z.infer<typeof errorFrame>['error']> {
  const frames = await stream.all();
  expect(
    frames.map(({ data }) => data),
    'a failed stream is never reported as done',
  ).not.toContain('[DONE]');
  const last = frames.at(-1);
  const { error } = errorFrame.parse(JSON.parse(last?.data ?? 'null'));
  expect(error.code).toBe(code);
  expect(await stream.ended, 'and the connection is not ended as if all were well').toBe('broken');
  return error;
}
