import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv2020, type AnySchema } from 'ajv/dist/2020.js';
import { describe, expect, inject, it } from 'vitest';
import { listEntries } from '../support/read-tree.js';
import { create, makeFolder, runProgram } from '../support/run-program.js';

interface Printed {
  readonly recommended: readonly string[];
  readonly requirements: Readonly<Record<string, string>>;
  readonly ranking: readonly { readonly title: string }[];
}

async function recommend(...flags: readonly string[]): Promise<Printed> {
  const { stdout } = await runProgram(['recommend', '--json', ...flags], { cwd: makeFolder() });
  return JSON.parse(stdout) as Printed;
}

describe('recommend', () => {
  it('prints one object that its published schema describes', async () => {
    const file = join(dirname(inject('program')), '../dist/recommendation.schema.json');
    const schema = JSON.parse(readFileSync(file, 'utf8')) as AnySchema;
    const validate = new Ajv2020({ allErrors: true }).compile(schema);
    const printed = await recommend('--priority', 'structure', '--runs-on', 'serverless');
    const valid = validate(printed);
    expect({ valid, errors: validate.errors }).toEqual({ valid: true, errors: null });
  });

  it('fills in what was not said, and says what it rests on', async () => {
    const { requirements } = await recommend('--priority', 'structure');
    expect(requirements).toEqual({
      serves: 'mixed',
      scale: 'one-machine',
      priority: 'structure',
      'team-knows': 'none',
      'runs-on': 'container',
      'team-size': 'few',
      lifetime: 'years',
    });
    const { stdout } = await runProgram(['recommend', '--priority', 'structure'], {
      cwd: makeFolder(),
    });
    expect(stdout).toContain('--priority structure --team-knows none');
  });

  it('is a table with a column for each framework, and reasons for and against', async () => {
    const { ranking } = await recommend();
    const cwd = makeFolder();
    const { stdout, stderr } = await runProgram(['recommend'], { cwd });
    expect(stderr).toBe('');
    expect(listEntries(cwd)).toEqual([]);
    const head = stdout.split('\n').find((line) => line.startsWith('What counts')) ?? '';
    for (const { title } of ranking) {
      expect(head).toContain(title);
      expect(stdout).toMatch(new RegExp(`^${title} {2}\\d\\.\\d of 5\n {2}[+-] `, 'm'));
    }
  });

  it.each([
    [['--priority', 'speed'], /"speed" is not a valid value for --priority\. Valid: latency/],
    [['--priorty', 'latency'], /no option --priorty\. Did you mean "--priority"/],
    [['--framework', 'fastify'], /"recommend" does not take --framework\. It takes: .*--serves/],
    [['my-ai'], /"recommend" takes nothing but options; got "my-ai"/],
  ])('%j is refused with a sentence', async (flags, sentence) => {
    const { exitCode, stderr, stdout } = await runProgram(['recommend', ...flags], {
      cwd: makeFolder(),
    });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });
});

describe('requirements in place of a framework', () => {
  const optionsOf = (stdout: string): unknown =>
    (JSON.parse(stdout) as { options: unknown }).options;

  it('give the framework that is recommended', async () => {
    const requirements = ['--runs-on', 'serverless', '--priority', 'footprint'];
    const { recommended } = await recommend(...requirements);
    const { stdout } = await create(makeFolder(), '--json', '--dry-run', ...requirements);
    expect(optionsOf(stdout)).toMatchObject({ framework: recommended[0] });
  });

  it('say which, and how sure that is', async () => {
    const { stdout } = await create(makeFolder(), '--dry-run', '--lifetime', 'years');
    expect(stdout).toMatch(/^(Fastify|Express|NestJS|Hono).*(ahead|margin|equal|only).*\.\n/);
  });

  it('change what other options default to', async () => {
    const cwd = makeFolder();
    const many = await create(cwd, '--json', '--dry-run', '--scale', 'many-machines');
    expect(optionsOf(many.stdout)).toMatchObject({ store: 'redis' });
    const said = ['--scale', 'many-machines', '--store', 'memory'];
    const memory = await create(cwd, '--json', '--dry-run', ...said);
    expect(optionsOf(memory.stdout)).toMatchObject({ store: 'memory' });
  });

  it.each([
    [['--framework', 'fastify'], /--framework and --scale exclude each other.*Leave out one/],
    [['--template', 'mine'], /--template and --scale exclude each other.*Leave out one/],
  ])('are refused beside %j', async (flags, sentence) => {
    const { exitCode, stderr } = await create(makeFolder(), ...flags, '--scale', 'prototype');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});
