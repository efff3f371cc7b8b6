import { expect } from 'vitest';
import type { Client } from '../contract/clients/client.js';
import { getJob } from '../contract/clients/jobs.js';
import { jobEvent, terminal, type Job, type JobEvent } from '../contract/schemas/jobs.js';

/** The job's events, from its first one. */
export async function eventsOf(api: Client, { urls }: Pick<Job, 'urls'>): Promise<JobEvent[]> {
  const frames = await (await api.events(urls.events)).all();
  return frames.map(({ data }) => jobEvent.parse(JSON.parse(data)));
}

/** Checks that a job has ended, that it did so once, and that its events tell the same story without a gap. */
export async function expectOneEnd(api: Client, accepted: Job): Promise<Job> {
  const end = await getJob(api, accepted);
  expect(terminal, `${end.id} has ended`).toContain(end.status);
  const events = await eventsOf(api, accepted);
  expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, index) => index + 1));
  const ends = events.filter(({ job }) => terminal.includes(job.status));
  expect(ends.map(({ type }) => type)).toEqual([`job.${end.status}`]);
  expect(events.at(-1)).toEqual(ends[0]);
  const begins = events.filter(({ type }) => type === 'job.in_progress');
  expect(begins.length, 'each attempt began once').toBe(end.attempt);
  return end;
}
