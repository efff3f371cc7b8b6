import { z } from 'zod';
import { modelBody, modelListBody, taskListBody } from '../http/catalog-answers.js';
import { healthBody } from '../http/health-answers.js';
import {
  jobBody,
  jobEventsQuery,
  jobListBody,
  jobListQuery,
  newJobBody,
  webhookMessage,
} from '../http/job-schemas.js';
import { chatCompletion } from '../inference/chat-completion.js';
import { embedding } from '../inference/embedding.js';
import { canStream, type Task } from '../inference/task.js';

export interface ResponseSpec {
  readonly description: string;
  readonly headers?: readonly HeaderName[];
  /** By media type; null where there is nothing to be said of its shape. */
  readonly content?: Readonly<Record<string, z.ZodType | null>>;
}

/** One call of the HTTP contract. */
export interface Operation {
  readonly id: string;
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly tag: 'Inference' | 'Models' | 'Tasks' | 'Jobs' | 'Operations';
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly requestHeaders?: readonly HeaderName[];
  readonly body?: z.ZodType;
  readonly responses: Readonly<Record<string, ResponseSpec>>;
  /** Statuses that are answered with a problem. */
  readonly problems: readonly number[];
}

export const HEADERS = {
  prefer: 'Preferences (RFC 7240): `respond-async` on inference, `wait=N` (seconds) on a job.',
  'cache-control': '`no-cache` does not read the cache, `no-store` does not write it either.',
  'idempotency-key': 'A name for this request: sent again, it is answered with its first answer.',
  'last-event-id': 'Sequence number of the last event that was seen.',
  location: 'Where the job is.',
  'retry-after': 'Seconds after which to try again.',
  'preference-applied': 'The preferences that were followed.',
  'cache-status': 'How the request met the cache (RFC 9211).',
  'idempotent-replayed': '`true` where this is the answer that the request had before.',
  'x-ratelimit-limit-requests': 'Requests per minute that the key may make.',
  'x-ratelimit-remaining-requests': 'How many of them are left.',
  'x-ratelimit-reset-requests': 'When all of them are there again, such as `59.5s`.',
  'x-ratelimit-limit-tokens': 'Tokens per minute that the key may use.',
  'x-ratelimit-remaining-tokens': 'How many of them are left.',
  'x-ratelimit-reset-tokens': 'When all of them are there again.',
  'webhook-id': 'The same at every attempt to deliver this message.',
  'webhook-timestamp': 'When this attempt was made, in unix seconds.',
  'webhook-signature': '`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`.',
} as const;

export type HeaderName = keyof typeof HEADERS;

const EVENT_STREAM = { 'text/event-stream': null };
const json = (schema: z.ZodType) => ({ 'application/json': schema });

/** Why work is not taken on. */
const REFUSALS = [400, 404, 409, 413, 415, 422, 429, 503];

/** Said of all work that is taken on. */
const ADMITTED_HEADERS: readonly HeaderName[] = [
  'idempotent-replayed',
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-tokens',
];

const ACCEPTED_HEADERS: readonly HeaderName[] = ['location', 'retry-after', ...ADMITTED_HEADERS];

const ACCEPTED: ResponseSpec = {
  description: 'The job that answers the request.',
  headers: ACCEPTED_HEADERS,
  content: json(jobBody),
};

/** Every call, in the order in which a reader wants to see them. */
export function listOperations(tasks: Iterable<Task>): readonly Operation[] {
  return [
    inferenceOperation('createChatCompletion', '/v1/chat/completions', chatCompletion),
    inferenceOperation('createEmbedding', '/v1/embeddings', embedding),
    ...MODEL_OPERATIONS,
    LIST_TASKS,
    ...[...tasks].map((task) => taskOperation(task)),
    ...JOB_OPERATIONS,
    ...OPS_OPERATIONS,
  ];
}

function taskOperation(task: Task): Operation {
  const id = `run_${task.name.replaceAll(/[^a-z0-9]+/g, '_')}`;
  return { ...inferenceOperation(id, `/v1/tasks/${task.name}`, task), tag: 'Tasks' };
}

function inferenceOperation(id: string, path: string, task: Task): Operation {
  return {
    id,
    method: 'post',
    path,
    tag: 'Inference',
    summary: task.description,
    requestHeaders: ['prefer', 'cache-control', 'idempotency-key'],
    body: task.input,
    responses: {
      200: {
        description: 'The answer.',
        headers: ['cache-status', ...ADMITTED_HEADERS],
        content: { ...json(task.output), ...(canStream(task) ? EVENT_STREAM : {}) },
      },
      202: { ...ACCEPTED, headers: ['preference-applied', ...ACCEPTED_HEADERS] },
    },
    problems: [...REFUSALS, 502, 504],
  };
}

const MODEL_OPERATIONS: readonly Operation[] = [
  {
    id: 'listModels',
    method: 'get',
    path: '/v1/models',
    tag: 'Models',
    summary: 'Lists the models that this service serves.',
    responses: { 200: { description: 'The models.', content: json(modelListBody) } },
    problems: [],
  },
  {
    id: 'retrieveModel',
    method: 'get',
    path: '/v1/models/{id}',
    tag: 'Models',
    summary: 'Gives a model.',
    responses: { 200: { description: 'The model.', content: json(modelBody) } },
    problems: [404],
  },
];

const LIST_TASKS: Operation = {
  id: 'listTasks',
  method: 'get',
  path: '/v1/tasks',
  tag: 'Tasks',
  summary: 'Lists the tasks, with the schemas of their input and output.',
  responses: { 200: { description: 'The tasks.', content: json(taskListBody) } },
  problems: [],
};

const ONE_JOB: ResponseSpec = { description: 'The job.', content: json(jobBody) };

const JOB_OPERATIONS: readonly Operation[] = [
  {
    id: 'createJob',
    method: 'post',
    path: '/v1/jobs',
    tag: 'Jobs',
    summary: 'Runs a task in the background.',
    requestHeaders: ['cache-control', 'idempotency-key'],
    body: newJobBody,
    responses: { 202: ACCEPTED },
    problems: REFUSALS,
  },
  {
    id: 'listJobs',
    method: 'get',
    path: '/v1/jobs',
    tag: 'Jobs',
    summary: 'Lists jobs, the newest first.',
    query: jobListQuery,
    responses: { 200: { description: 'A page of jobs.', content: json(jobListBody) } },
    problems: [400, 503],
  },
  {
    id: 'retrieveJob',
    method: 'get',
    path: '/v1/jobs/{id}',
    tag: 'Jobs',
    summary: 'Gives a job; with `Prefer: wait=N` as soon as it has ended.',
    requestHeaders: ['prefer'],
    responses: { 200: { ...ONE_JOB, headers: ['preference-applied'] } },
    problems: [404, 503],
  },
  {
    id: 'streamJobEvents',
    method: 'get',
    path: '/v1/jobs/{id}/events',
    tag: 'Jobs',
    summary: "Streams a job's events from the first, or from where a reader left off.",
    query: jobEventsQuery,
    requestHeaders: ['last-event-id'],
    responses: {
      200: { description: 'The events, until the job ends.', content: EVENT_STREAM },
      204: { description: 'The job has ended, and every event was seen.' },
    },
    problems: [400, 404, 503],
  },
  {
    id: 'cancelJob',
    method: 'post',
    path: '/v1/jobs/{id}/cancel',
    tag: 'Jobs',
    summary: 'Cancels a job.',
    responses: {
      200: { description: 'The job has ended.', content: json(jobBody) },
      202: { description: 'The job was asked to stop.', content: json(jobBody) },
    },
    problems: [404, 503],
  },
  {
    id: 'deleteJob',
    method: 'delete',
    path: '/v1/jobs/{id}',
    tag: 'Jobs',
    summary: 'Deletes a job that has ended.',
    responses: { 204: { description: 'The job is gone.' } },
    problems: [404, 409, 503],
  },
];

/** What this service calls by itself. */
export const JOB_ENDED: Operation = {
  id: 'jobEnded',
  method: 'post',
  path: '',
  tag: 'Jobs',
  summary: 'Tells the webhook of a job that the job has ended (Standard Webhooks).',
  requestHeaders: ['webhook-id', 'webhook-timestamp', 'webhook-signature'],
  body: webhookMessage,
  responses: {
    '2XX': { description: 'The message has arrived.' },
    410: { description: 'The webhook wants to hear no more of this.' },
  },
  problems: [],
};

const OPS_OPERATIONS: readonly Operation[] = [
  {
    id: 'getLiveness',
    method: 'get',
    path: '/livez',
    tag: 'Operations',
    summary: 'Tells whether the process lives.',
    responses: { 200: { description: 'It does.', content: json(healthBody) } },
    problems: [],
  },
  {
    id: 'getReadiness',
    method: 'get',
    path: '/readyz',
    tag: 'Operations',
    summary: 'Tells whether the process takes requests.',
    responses: { 200: { description: 'It does.', content: json(healthBody) } },
    problems: [503],
  },
  {
    id: 'getMetrics',
    method: 'get',
    path: '/metrics',
    tag: 'Operations',
    summary: 'Gives metrics for Prometheus.',
    responses: { 200: { description: 'The metrics.', content: { 'text/plain': z.string() } } },
    problems: [],
  },
  {
    id: 'getOpenApiDocument',
    method: 'get',
    path: '/openapi.json',
    tag: 'Operations',
    summary: 'Gives this document.',
    responses: {
      200: { description: 'An OpenAPI document.', content: { 'application/json': null } },
    },
    problems: [],
  },
  {
    id: 'getDocumentation',
    method: 'get',
    path: '/docs',
    tag: 'Operations',
    summary: 'Shows this document as a page.',
    responses: { 200: { description: 'A page.', content: { 'text/html': null } } },
    problems: [],
  },
];
