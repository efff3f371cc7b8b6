import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the alert rules are in the folder `ops` of a project. */
export function alertsFile(ops: string): string {
  return join(ops, 'prometheus/alerts.yaml');
}

/** The PromQL of every alert rule. */
export function alertExpressions(ops: string): readonly string[] {
  const text = readFileSync(alertsFile(ops), 'utf8');
  const rules = [...text.matchAll(/^ +expr: (?:\|\n((?: {10}.*\n)+)|(.+)\n)/gm)];
  return rules.map(([, block, line]) => (block ?? line ?? '').trim());
}

/** The PromQL of every panel, with Grafana's variables filled in. */
export function dashboardExpressions(ops: string): readonly string[] {
  const { panels } = JSON.parse(readFileSync(join(ops, 'grafana/dashboard.json'), 'utf8')) as {
    panels: readonly { targets: readonly { expr: string }[] }[];
  };
  return panels
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', '.+'));
}

export interface Selector {
  readonly metric: string;
  readonly labels: readonly string[];
}

const METRIC = /\b([a-z_:][a-z0-9_:]*)(?:\{([^}]*)\})?(?=[[\s),]|$)/g;
const GROUPING = /\bby \(([^)]*)\)/g;

/** What an expression reads: each metric with the labels that it is selected and grouped by. */
export function selectorsOf(expression: string): readonly Selector[] {
  const groups = [...expression.matchAll(GROUPING)].flatMap(([, names = '']) => names.split(','));
  const grouped = [...new Set(groups.map((name) => name.trim()))].filter((name) => name !== 'le');
  const rest = expression.replaceAll(GROUPING, '').replaceAll(/\[[^\]]*\]/g, '[]');
  return [...rest.matchAll(METRIC)]
    .filter(({ 0: text, index }) => !/^\s*\(/.test(rest.slice(index + text.length)))
    .map(([, metric = '', selector = '']) => {
      const selected = [...selector.matchAll(/(\w+)(?:=|!=)/g)].map(([, name = '']) => name);
      return { metric, labels: [...selected.filter((name) => name !== 'job'), ...grouped] };
    });
}
