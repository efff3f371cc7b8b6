import type { Backend } from '../backend.js';
import {
  chatCompletion,
  createChunkPresenter,
  type ChatRequest,
} from '../inference/chat-completion.js';
import { embedding, type EmbeddingRequest } from '../inference/embedding.js';
import { canStream, type Delta, type Deltas, type Task } from '../inference/task.js';
import { mapStream, withFirst } from '../stream.js';
import { answerAdmitted } from './admitted-answer.js';
import { singleHeader, type Caller } from './caller.js';
import { DONE, dataFrame, eventFrame, eventStreamAnswer, type Frames } from './event-stream.js';
import { acceptsEventStream, cacheStatus, parseCacheControl, parsePrefer } from './headers.js';
import { jsonAnswer, type HttpAnswer } from './http-answer.js';
import { acceptJob } from './job-answers.js';

interface InferenceRequest<Input> {
  readonly route: string;
  readonly task: Task<Input>;
  readonly input: Input;
  /** What the input was read from, where that is known. */
  readonly text?: string | undefined;
  readonly stream: boolean;
  /** How the deltas are to be written for this route. */
  readonly frames: (deltas: Deltas) => Frames;
}

export function answerChat(
  backend: Backend,
  request: ChatRequest,
  caller: Caller,
): Promise<HttpAnswer> {
  return answerInference(backend, caller, {
    route: 'chat/completions',
    task: chatCompletion,
    input: request,
    text: caller.exchange.bodyText,
    stream: request.stream === true,
    frames: (deltas) => chatFrames(request, deltas),
  });
}

export function answerEmbedding(
  backend: Backend,
  request: EmbeddingRequest,
  caller: Caller,
): Promise<HttpAnswer> {
  return answerInference(backend, caller, {
    route: 'embeddings',
    task: embedding,
    input: request,
    text: caller.exchange.bodyText,
    stream: false,
    frames: taskFrames,
  });
}

/** @param input as the task's own schema has parsed it */
export function answerTask(
  backend: Backend,
  task: Task,
  input: unknown,
  caller: Caller,
): Promise<HttpAnswer> {
  const stream = canStream(task) && acceptsEventStream(caller.exchange.headers.accept);
  const route = `tasks/${task.name}`;
  return answerInference(backend, caller, { route, task, input, stream, frames: taskFrames });
}

function answerInference<Input>(
  backend: Backend,
  caller: Caller,
  request: InferenceRequest<Input>,
): Promise<HttpAnswer> {
  const { route, input, stream } = request;
  const { respondAsync } = parsePrefer(singleHeader(caller.exchange.headers.prefer));
  return answerAdmitted(backend, caller, [route, respondAsync, stream, input], () =>
    respondAsync ? submitInference(backend, caller, request) : infer(backend, caller, request),
  );
}

async function submitInference<Input>(
  backend: Backend,
  { tenant, key, exchange: { headers, span } }: Caller,
  { task, input, stream }: InferenceRequest<Input>,
): Promise<HttpAnswer> {
  const cache = parseCacheControl(headers['cache-control']);
  const job = { tenant, key, type: task.name, input, stream, cache };
  const answer = await acceptJob(backend, job, span);
  return { ...answer, headers: { ...answer.headers, 'preference-applied': 'respond-async' } };
}

async function infer<Input>(
  backend: Backend,
  { tenant, key, requestId, exchange: { headers, signal, span } }: Caller,
  { task, input, text, stream, frames }: InferenceRequest<Input>,
): Promise<HttpAnswer> {
  const { cache, run } = await backend.inference.infer({
    origin: 'request',
    tenant,
    key,
    task,
    input,
    text,
    stream,
    cache: parseCacheControl(headers['cache-control']),
    signal,
    bindings: span === null ? { request_id: requestId } : { request_id: requestId, ...span.ids },
    span,
  });
  const status = { 'cache-status': cacheStatus(cache) };
  if (!stream) return jsonAnswer(200, (await run.outcome()).body, status);
  // Nothing is sent before the first delta is there: until then a failure has a status of its own.
  const deltas = run.deltas();
  return eventStreamAnswer(frames(withFirst(await deltas.next(), deltas)), status);
}

/** As OpenAI's API streams: chunks, then `[DONE]`. */
function chatFrames(request: ChatRequest, deltas: Deltas): Frames {
  const presenter = createChunkPresenter(request);
  const frameOf = (chunk: string | null) => (chunk === null ? '' : dataFrame(chunk));
  const frameOfDelta = (delta: Delta) => frameOf(presenter.present(delta));
  return mapStream(
    deltas,
    (batch) => joined(batch, frameOfDelta),
    () => frameOf(presenter.end()) + DONE,
  );
}

/** Deltas, the whole output, then `[DONE]`. */
function taskFrames(deltas: Deltas): Frames {
  const frameOf = ({ text }: Delta) => eventFrame('delta', text);
  return mapStream(
    deltas,
    (batch) => joined(batch, frameOf),
    ({ body }) => eventFrame('output', body) + DONE,
  );
}

function joined(batch: readonly Delta[], frameOf: (delta: Delta) => string): string {
  let frames = '';
  for (const delta of batch) frames += frameOf(delta);
  return frames;
}
