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
