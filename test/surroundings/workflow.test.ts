import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { findActionlint } from './support/actionlint.js';
import { describeAnswers, everyAnswers, generate, readText } from './support/generate.js';

const actionlint = await findActionlint();
const isRequired = process.env.CI !== undefined;
const answersWithWorkflow = everyAnswers
  .filter(({ ci, provider }) => ci === 'github' && provider === 'mock')
  .map((answers) => [describeAnswers(answers), answers] as const);

describe.each(answersWithWorkflow)('the workflow for %s', (_title, answers) => {
  // Skipped where neither actionlint nor Go is there; CI has one of them.
  it.skipIf(actionlint === undefined && !isRequired)('passes actionlint', async () => {
    const project = await generate(answers);
    const file = '.github/workflows/ci.yml';
    const { stdout } = await execa(actionlint ?? 'actionlint', ['-no-color', file], {
      cwd: project,
      reject: false,
    });
    expect(stdout).toBe('');
  });

  it('pins actions, bounds its jobs and may only read', async () => {
    const workflow = await readText(await generate(answers), '.github/workflows/ci.yml');
    const uses = workflow.match(/uses: .*/g) ?? [];
    expect(uses.length).toBeGreaterThan(1);
    for (const action of uses) expect(action).toMatch(/^uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    const jobs = workflow.match(/runs-on:/g) ?? [];
    expect(workflow.match(/timeout-minutes:/g)).toHaveLength(jobs.length);
    expect(workflow.match(/persist-credentials: false/g)).toHaveLength(jobs.length);
    expect(workflow).toContain('permissions:\n  contents: read\n');
    expect(workflow).not.toContain('secrets.');
  });
});
