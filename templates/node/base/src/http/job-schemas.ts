import { z } from 'zod';
import { JOB_STATES, TERMINAL_STATES } from '../jobs/job.js';

const unixSeconds = z.number().int().meta({ description: 'Unix seconds.' });

const webhookEvent = z.templateLiteral(['job.', z.enum(TERMINAL_STATES)]);

const webhookBody = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/, error: 'Must be a URL of http or https.' })
      .max(2_048)
      .meta({ description: 'Where the job is to be sent when it has ended.' }),
    events: z.array(webhookEvent).min(1).optional().meta({ description: 'Default: all.' }),
  })
  .meta({ id: 'Webhook' });

/** What `POST /v1/jobs` takes. */
export const newJobBody = z
  .strictObject({
    type: z.string().min(1).meta({ description: "A task's name." }),
    request: z.unknown().meta({ description: "The task's input." }),
    deadline_seconds: z.number().positive().max(604_800).optional().meta({
      description: 'After it, a job that has not begun expires, and one that runs fails.',
    }),
    priority: z
      .number()
      .int()
      .min(0)
      .max(100)
      .default(0)
      .meta({ description: 'Jobs of higher priority run first.' }),
    metadata: z
      .record(z.string().min(1).max(64), z.string().max(512))
      .refine((metadata) => Object.keys(metadata).length <= 16, 'At most 16 entries.')
      .default({}),
    webhook: webhookBody.optional(),
  })
  .meta({
    id: 'NewJob',
    examples: [{ type: 'summarize', request: { text: 'The quick brown fox jumps.' } }],
  });

export type NewJobBody = z.output<typeof newJobBody>;
export type WebhookBody = z.output<typeof webhookBody>;

export const jobListQuery = z.strictObject({
  status: z.enum(JOB_STATES).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z
    .string()
    .regex(/^job_[0-9a-f]{32}$/, 'Use the `next_cursor` of an earlier answer.')
    .optional(),
});

export const jobEventsQuery = z.strictObject({
  // Digits alone: as numbers, "1e3" and "0x1" would be sequences too, and a header says neither.
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'Use the id of an event of this job.')
    .transform(Number)
    .optional()
    .meta({ description: 'A sequence number.' }),
});

export const errorBody = z
  .object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
  })
  .meta({ id: 'Error' });

export const jobBody = z
  .object({
    id: z.string(),
    object: z.literal('job'),
    type: z.string(),
    status: z.enum(JOB_STATES),
    created_at: unixSeconds,
    started_at: unixSeconds.nullable(),
    completed_at: unixSeconds.nullable(),
    cancel_requested_at: unixSeconds.nullable(),
    expires_at: unixSeconds.meta({ description: 'When the record goes away.' }),
    attempt: z.number().int(),
    progress: z.object({ fraction: z.number(), message: z.string().nullable() }).nullable(),
    result: z.unknown().meta({ description: 'What the synchronous route would have answered.' }),
    error: errorBody.nullable(),
    usage: z
      .object({
        prompt_tokens: z.number(),
        completion_tokens: z.number(),
        total_tokens: z.number(),
      })
      .nullable(),
    metadata: z.record(z.string(), z.string()),
    urls: z.object({ self: z.string(), events: z.string(), cancel: z.string() }),
  })
  .meta({ id: 'Job' });

/** What webhooks get. */
export const webhookMessage = z
  .object({
    type: webhookEvent,
    timestamp: z.iso.datetime().meta({ description: 'When the job ended.' }),
    data: jobBody,
  })
  .meta({ id: 'WebhookMessage' });

export const jobListBody = z
  .object({
    object: z.literal('list'),
    data: z.array(jobBody),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'JobList' });

export type JobBody = z.input<typeof jobBody>;
export type JobListQuery = z.output<typeof jobListQuery>;
