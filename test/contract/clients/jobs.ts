import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { job, terminal, type Job, type JobStatus } from '../schemas/jobs.js';
import { Answer, type Client } from './client.js';

export const respondAsync = { prefer: 'respond-async' };

/** Posts something that must be accepted as a job. */
export async function submit(backend: Client, path: string, request: unknown): Promise<Job> {
  const answer = await backend.post(path, request, path === '/v1/jobs' ? {} : respondAsync);
  expect(answer.status, answer.text).toBe(202);
  return answer.as(job);
}

/** Submits a chat completion through `POST /v1/jobs`. */
export function submitChat(
  backend: Client,
  request: Record<string, unknown>,
  options: Record<string, unknown> = {},
): Promise<Job> {
  return submit(backend, '/v1/jobs', { type: 'chat.completion', request, ...options });
}

export async function getJob(backend: Client, { id }: { id: string }): Promise<Job> {
  const answer = await backend.get(`/v1/jobs/${id}`);
  expect(answer.status, answer.text).toBe(200);
  return answer.as(job);
}

/** The answer that tells of the job's end, however it ended. */
export async function endOf(backend: Client, { id }: { id: string }): Promise<Answer> {
  const answer = await backend.get(`/v1/jobs/${id}`, { prefer: 'wait=20' });
  const { status } = answer.as(job);
  expect(terminal, `the job was to end; it is ${status}`).toContain(status);
  return answer;
}

/** The job once it has ended, however it ended. */
export async function ended(backend: Client, { id }: { id: string }): Promise<Job> {
  return (await endOf(backend, { id })).as(job);
}

/** Asks a job to stop, and gives it as it is then: 202 while it still runs, 200 once it has ended. */
export async function cancel(backend: Client, { urls }: Pick<Job, 'urls'>): Promise<Job> {
  const answer = await backend.send('POST', urls.cancel);
  const current = answer.as(job);
  const hasEnded = terminal.includes(current.status);
  expect(answer.status, `${current.status} after a cancel`).toBe(hasEnded ? 200 : 202);
  return current;
}

/** Waits, by asking, until the job has a status. */
export async function reaches(
  backend: Client,
  { id }: { id: string },
  status: JobStatus,
): Promise<Job> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const current = await getJob(backend, { id });
    if (current.status === status) return current;
    expect(terminal, `on its way to ${status}`).not.toContain(current.status);
    expect(performance.now(), `the job was to be ${status}`).toBeLessThan(deadline);
    await sleep(20);
  }
}
