import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  alertExpressions,
  alertsFile,
  dashboardExpressions,
  selectorsOf,
} from '../contract/monitoring/expressions.js';

const OPS = join(import.meta.dirname, '../../templates/_shared/monitoring/ops');

const { failed: isMissing } = await execa('promtool', ['--version'], { reject: false });

// Prometheus' own tool comes with Prometheus alone.
describe.skipIf(isMissing)('what Prometheus says of', () => {
  const check = (file: string) => execa('promtool', ['check', 'rules', file]);

  it('the alert rules', async () => {
    const { stdout } = await check(alertsFile(OPS));
    expect(stdout).toContain(`${String(alertExpressions(OPS).length)} rules found`);
  });

  it("the dashboard's queries", async () => {
    const rules = dashboardExpressions(OPS).map((expr, index) => ({ record: `r${index}`, expr }));
    const folder = await mkdtemp(join(tmpdir(), 'monitoring-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'rules.json');
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    await check(file);
  });
});

describe('metrics of an expression', () => {
  it('are found with the labels that they need', () => {
    const expression = 'sum by (le, model) (rate(a_bucket{job=~".+", status="5"}[5m])) / max(b)';
    expect(selectorsOf(expression)).toEqual([
      { metric: 'a_bucket', labels: ['status', 'model'] },
      { metric: 'b', labels: ['model'] },
    ]);
  });
});
