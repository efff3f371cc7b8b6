import type { Backend } from '../backend.js';
import {
  chatCompletion,
  createChunkPresenter,
  type ChatRequest,
} from '../inference/chat-completion.js';
import { embedding, type EmbeddingRequest } from '../inference/embedding.js';
import {
  canStream,
  endStream,
  type Delta,
  type Deltas,
  type Outcome,
  type Task,
} from '../inference/task.js';
import { answerAdmitted } from './admitted-answer.js';
import { singleHeader, type Caller } from './caller.js';
import { DONE, dataFrame, eventFrame, eventStreamAnswer } from './event-stream.js';
import { acceptsEventStream, cacheStatus, parseCacheControl, parsePrefer } from './headers.js';
import { jsonAnswer, type HttpAnswer } from './http-answer.js';
import { acceptJob } from './job-answers.js';

interface InferenceRequest<Input> {
  readonly route: string;
  readonly task: Task<Input>;
  readonly input: Input;
  readonly stream: boolean;
  /** How the deltas are to be written for this route. */
  readonly frames: (first: Step, deltas: Deltas) => Frames;
}

type Step = IteratorResult<Delta, Outcome>;
type Frames = AsyncGenerator<string, void>;

export function answerChat(
  backend: Backend,
  request: ChatRequest,
  caller: Caller,
): Promise<HttpAnswer> {
  return answerInference(backend, caller, {
    route: 'chat/completions',
    task: chatCompletion,
    input: request,
    stream: request.stream === true,
    frames: (first, deltas) => chatFrames(request, first, deltas),
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
  const stream = canStream(task) && acceptsEventStream(caller.headers.accept);
  const route = `tasks/${task.name}`;
  return answerInference(backend, caller, { route, task, input, stream, frames: taskFrames });
}

function answerInference<Input>(
  backend: Backend,
  caller: Caller,
  request: InferenceRequest<Input>,
): Promise<HttpAnswer> {
  const { route, input, stream } = request;
  const { respondAsync } = parsePrefer(singleHeader(caller.headers.prefer));
  return answerAdmitted(backend, caller, [route, respondAsync, stream, input], () =>
    respondAsync ? submitInference(backend, caller, request) : infer(backend, caller, request),
  );
}

async function submitInference<Input>(
  backend: Backend,
  { tenant, key, headers, span }: Caller,
  { task, input, stream }: InferenceRequest<Input>,
): Promise<HttpAnswer> {
  const cache = parseCacheControl(headers['cache-control']);
  const job = { tenant, key, type: task.name, input, stream, cache };
  const answer = await acceptJob(backend, job, span);
  return { ...answer, headers: { ...answer.headers, 'preference-applied': 'respond-async' } };
}

async function infer<Input>(
  backend: Backend,
  { tenant, key, requestId, headers, signal, span }: Caller,
  { task, input, stream, frames }: InferenceRequest<Input>,
): Promise<HttpAnswer> {
  const { cache, run } = await backend.inference.infer({
    origin: 'request',
    tenant,
    key,
    task,
    input,
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
  return eventStreamAnswer(frames(await deltas.next(), deltas), status);
}

/** As OpenAI's API streams: chunks, then `[DONE]`. */
async function* chatFrames(request: ChatRequest, first: Step, deltas: Deltas): Frames {
  const presenter = createChunkPresenter(request);
  try {
    for (let step = first; step.done !== true; step = await deltas.next()) {
      const chunk = presenter.present(step.value);
      if (chunk !== null) yield dataFrame(chunk);
    }
    const usage = presenter.end();
    if (usage !== null) yield dataFrame(usage);
    yield DONE;
  } finally {
    await endStream(deltas);
  }
}

/** Deltas, the whole output, then `[DONE]`. */
async function* taskFrames(first: Step, deltas: Deltas): Frames {
  try {
    let step = first;
    for (; step.done !== true; step = await deltas.next()) {
      yield eventFrame('delta', step.value.text);
    }
    yield eventFrame('output', step.value.body);
    yield DONE;
  } finally {
    await endStream(deltas);
  }
}
