import { parseJson, toJson } from '../../json.js';
import type { Job, JobChange, JobEvent, NewJobEvent } from '../../jobs/job.js';

/** A hash as fields and values in turn, each value JSON: what scripts take and give. */
export type FlatRecord = readonly string[];

export function writeRecord(fields: Partial<Job> | JobChange): FlatRecord {
  return Object.entries(fields).flatMap(([name, value]) => [name, toJson(value)]);
}

/** The job of a hash; its input is null unless it stands among the fields. */
export function readRecord(record: FlatRecord): Job {
  const fields: Record<string, unknown> = { input: null };
  for (let i = 0; i < record.length; i += 2) {
    const [name = '', json = 'null'] = record.slice(i, i + 2);
    // Integers that a double would round can only be in what the caller sent.
    fields[name] = name === 'input' ? parseJson(json) : JSON.parse(json);
  }
  const { lastChange, size, ...job } = fields;
  return job as unknown as Job;
}

export function writeEvent(event: NewJobEvent): string {
  return JSON.stringify(event);
}

export function readEvent(json: string, sequence: number): JobEvent {
  return { ...(JSON.parse(json) as NewJobEvent), sequence };
}
