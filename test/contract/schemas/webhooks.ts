import { z } from 'zod';
import { job } from './jobs.js';

export const webhookTypes = [
  'job.completed',
  'job.failed',
  'job.cancelled',
  'job.expired',
] as const;

export const webhook = z.strictObject({
  type: z.enum(webhookTypes),
  timestamp: z.iso.datetime({ offset: true }),
  data: job,
});

export type Webhook = z.infer<typeof webhook>;
