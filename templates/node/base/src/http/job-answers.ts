import { toAbortSignal, type AbortSignalLike } from '../abort-signal.js';
import type { Backend } from '../backend.js';
import { invalidRequest } from '../errors.js';
import { canStream, parseInput, taskNamed, type Task } from '../inference/task.js';
import { isTerminal, type Job, type JobEvent } from '../jobs/job.js';
import type { NewJob } from '../jobs/job-service.js';
import type { Span } from '../telemetry/tracing.js';
import { acceptWebhook } from '../webhooks/accept-webhook.js';
import { answerAdmitted } from './admitted-answer.js';
import { singleHeader, type Caller } from './caller.js';
import { COMMENT, eventFrame, eventStreamAnswer, type Frames } from './event-stream.js';
import { parseCacheControl, parsePrefer } from './headers.js';
import { jsonAnswer, type HttpAnswer } from './http-answer.js';
import { jobUrl, renderJob, toSeconds, withRawField } from './job-body.js';
import type { JobListQuery, NewJobBody } from './job-schemas.js';

const MAX_WAIT_SECONDS = 60;

/** Results may be megabytes each: a page ends early rather than fill the memory. */
const MAX_PAGE_LENGTH = 8 * 1024 * 1024;

/** Submits a job and answers `202`. Refuses at once what could never succeed. */
export async function acceptJob(
  { jobs, catalog }: Backend,
  job: NewJob,
  span: Span | null,
): Promise<HttpAnswer> {
  const { model } = (job.input ?? {}) as { model?: unknown };
  if (typeof model === 'string') catalog.resolve(model);
  const accepted = await jobs.submit(job, span);
  return jsonAnswer(202, renderJob(accepted), {
    location: jobUrl(accepted.id),
    'retry-after': '1',
  });
}

export function answerNewJob(
  backend: Backend,
  body: NewJobBody,
  caller: Caller,
): Promise<HttpAnswer> {
  const { tenant, key, exchange } = caller;
  const task = taskNamed(backend.tasks, body.type);
  const input = parseInput(task, body.request, ['request']);
  const job = {
    tenant,
    key,
    type: task.name,
    input,
    stream: asksForStream(task, input),
    cache: parseCacheControl(exchange.headers['cache-control']),
    priority: body.priority,
    deadlineSeconds: body.deadline_seconds,
    metadata: body.metadata,
    webhook: body.webhook && acceptWebhook(backend.config, body.webhook),
  };
  return answerAdmitted(backend, caller, ['jobs', body], () =>
    acceptJob(backend, job, exchange.span),
  );
}

/** Deltas of a job become events where its request says `stream`. */
function asksForStream(task: Task, input: unknown): boolean {
  return canStream(task) && (input as { stream?: unknown } | null)?.stream === true;
}

export async function answerJobList(
  { jobs }: Backend,
  { status, limit, cursor }: JobListQuery,
  { tenant }: Caller,
): Promise<HttpAnswer> {
  const page: Page = { texts: [], length: 0, lastId: null, hasMore: false };
  for await (const job of jobs.list(tenant, { status, before: cursor })) {
    page.hasMore = !addToPage(page, job, limit);
    if (page.hasMore) break;
  }
  const { texts, lastId, hasMore } = page;
  const nextCursor = JSON.stringify(hasMore ? lastId : null);
  const rest = `"has_more":${String(hasMore)},"next_cursor":${nextCursor}`;
  return jsonAnswer(200, `{"object":"list","data":[${texts.join(',')}],${rest}}`);
}

interface Page {
  readonly texts: string[];
  /** Of all texts. */
  length: number;
  lastId: string | null;
  hasMore: boolean;
}

/** @returns false where it does not fit any more; the first always fits */
function addToPage(page: Page, job: Job, limit: number): boolean {
  if (page.texts.length === limit) return false;
  const text = renderJob(job);
  if (page.lastId !== null && page.length + text.length > MAX_PAGE_LENGTH) return false;
  page.texts.push(text);
  page.length += text.length;
  page.lastId = job.id;
  return true;
}

/** `Prefer: wait=N` holds the answer until the job ends, the time is over, or the server stops. */
export async function answerJob(
  { jobs }: Backend,
  id: string,
  { tenant, exchange: { headers, signal } }: Caller,
): Promise<HttpAnswer> {
  const { wait } = parsePrefer(singleHeader(headers.prefer));
  if (wait === null) return jsonAnswer(200, renderJob(await jobs.get(tenant, id)));
  const seconds = Math.min(wait, MAX_WAIT_SECONDS);
  const job = await withTimeLimit(seconds, signal, (enough) => jobs.wait(tenant, id, enough));
  return jsonAnswer(200, renderJob(job), { 'preference-applied': `wait=${String(seconds)}` });
}

/**
 * Gives work a signal that aborts with the given one, or when the time is over. In Node 20, `AbortSignal.any` does not keep
 * an `AbortSignal.timeout` from being collected as garbage: https://github.com/nodejs/node/pull/57867
 */
async function withTimeLimit<Result>(
  seconds: number,
  signal: AbortSignalLike,
  work: (enough: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const enough = new AbortController();
  const abort = () => {
    enough.abort();
  };
  const timer = setTimeout(abort, seconds * 1000);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await work(enough.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

export async function answerJobEvents(
  { jobs }: Backend,
  id: string,
  after: number | undefined,
  { tenant, exchange: { headers, signal } }: Caller,
): Promise<HttpAnswer> {
  // A browser comes back to the same URL, with the header: it knows better.
  const seen = singleHeader(headers['last-event-id']);
  const last = seen === undefined ? (after ?? 0) : parseLastEventId(seen);
  // Tells a browser's EventSource, which comes back whenever a stream ends, that there is no more.
  if (await jobs.hasToldAll(tenant, id, last)) return { status: 204, headers: {}, body: '' };
  return eventStreamAnswer(jobFrames(id, jobs.events(tenant, id, last, toAbortSignal(signal))));
}

export async function answerJobCancellation(
  { jobs }: Backend,
  id: string,
  { tenant }: Caller,
): Promise<HttpAnswer> {
  const job = await jobs.cancel(tenant, id);
  return jsonAnswer(isTerminal(job.status) ? 200 : 202, renderJob(job));
}

export async function answerJobRemoval(
  { jobs }: Backend,
  id: string,
  { tenant }: Caller,
): Promise<HttpAnswer> {
  await jobs.remove(tenant, id);
  return { status: 204, headers: {}, body: '' };
}

function parseLastEventId(header: string): number {
  if (/^\d{1,15}$/.test(header)) return Number(header);
  throw invalidRequest('Last-Event-ID: use the id of an event of this job.');
}

async function* jobFrames(id: string, events: AsyncGenerator<JobEvent, void>): Frames {
  // The headers are sent with it: a reader knows at once that it is connected.
  yield COMMENT;
  for await (const event of events)
    yield eventFrame(event.type, renderEvent(id, event), event.sequence);
  return '';
}

function renderEvent(id: string, event: JobEvent): string {
  const { sequence, type, status, createdAt, progress, delta, error } = event;
  const json = JSON.stringify({
    sequence,
    type,
    created_at: toSeconds(createdAt),
    job: { id, status },
    progress,
    error,
  });
  return delta === undefined ? json : withRawField(json, 'delta', delta);
}
