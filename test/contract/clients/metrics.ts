import { expect } from 'vitest';
import type { Client } from './client.js';

/** One line of a Prometheus text exposition. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const line =
  /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>[+-]?(?:\d[\d.e+-]*|Inf|NaN))(?: \d+)?$/u;
const label = /(?<name>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>(?:[^"\\]|\\.)*)",?/gu;

/** Every sample; throws at the first line that Prometheus would not take. */
export function parseMetrics(text: string): Sample[] {
  return text
    .split('\n')
    .filter((each) => each !== '' && !each.startsWith('#'))
    .map((each) => {
      const groups = line.exec(each)?.groups;
      if (groups === undefined) throw new Error(`Not in Prometheus' text format: ${each}`);
      const labels = [...(groups['labels'] ?? '').matchAll(label)].map((match) => [
        match.groups?.['name'] ?? '',
        match.groups?.['value'] ?? '',
      ]);
      return {
        name: groups['name'] ?? '',
        labels: Object.fromEntries(labels) as Record<string, string>,
        value: Number((groups['value'] ?? '').replace('Inf', 'Infinity')),
      };
    });
}

/** What a scraper sees of a backend: the samples of each of its processes. */
export async function scrape(processes: readonly Client[]): Promise<Sample[]> {
  const answers = await Promise.all(processes.map((each) => each.get('/metrics')));
  return answers.flatMap(({ status, headers, text }) => {
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/^text\/plain\b.*version=/u);
    return parseMetrics(text);
  });
}

/** How much there is of something, over all processes. */
export async function total(
  processes: readonly Client[],
  matches: (sample: Sample) => boolean,
): Promise<number> {
  const samples = await scrape(processes);
  return samples.filter(matches).reduce((sum, { value }) => sum + value, 0);
}

/** How much more there is of something after an action than before it; to be asked as often as needed. */
export async function growth(
  processes: readonly Client[],
  matches: (sample: Sample) => boolean,
  action: () => Promise<unknown>,
): Promise<() => Promise<number>> {
  const before = await total(processes, matches);
  await action();
  return async () => (await total(processes, matches)) - before;
}

/** Samples of a metric by its name, and by labels where they are told. */
export function named(
  name: string,
  labels: Readonly<Record<string, string>> = {},
): (sample: Sample) => boolean {
  return (sample) =>
    sample.name === name &&
    Object.entries(labels).every(([key, value]) => sample.labels[key] === value);
}
