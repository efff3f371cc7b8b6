import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Cancelled, EXIT, UsageError, UserError } from '../../errors.js';
import { didYouMean } from '../../options/nearest.js';
import { isAnswer, OPTIONS } from '../../options/table.js';
import type { Answers } from '../../options/option.js';
import type { Plan } from '../../plan/plan.js';
import type { Step } from '../../project/steps.js';
import type { OpenedTemplate } from '../../template/open-template.js';
import { writeProject } from '../../project/write-project.js';
import { prepare } from '../create.js';
import { finishProject, type Verification } from '../finish-project.js';
import type { Arguments } from '../parse-arguments.js';
import type { World } from '../run.js';
import { quote } from '../quote.js';
import { openOperand } from './open-source.js';
import { confirmTrust } from './trust.js';

/** What became of one example. */
interface Outcome {
  readonly example: string;
  readonly passed: boolean;
  readonly verification?: Verification;
  /** Why it did not pass, and where the project is. */
  readonly reason?: string;
  readonly directory?: string;
  /** What to type to go on there. */
  readonly resume?: string;
}

/** Makes a project of each example and verifies it. Throws a UserError when one does not pass; its project is kept. */
export async function test(typed: Arguments, world: World): Promise<void> {
  const { output } = world;
  const { findSuite } = await import('../../project/find-suite.js');
  const suite = findSuite(typed.answers.suite?.toString(), world);
  const opened = await openOperand(typed, world);
  await confirmTrust(opened, typed.answers, undefined);
  const outcomes: Outcome[] = [];
  for (const [example, answers] of chooseExamples(opened, typed)) {
    output.print(output.colours.bold(`${opened.template.manifest.name}, ${example}`));
    outcomes.push(await testExample(example, answers, { opened, typed, world, suite }));
  }
  const failed = outcomes.filter(({ passed }) => !passed);
  if (failed.length > 0) throw new FailedExamples(outcomes, failed);
  const what = isKeptFromRunning(typed) ? 'Written, and nothing run:' : 'Passed:';
  const names = outcomes.map(({ example }) => example).join(', ');
  output.print(`${output.colours.green(what)} ${names}`);
  output.data({ passed: true, examples: outcomes });
}

/** Variables are text. */
function isKeptFromRunning({ answers }: Arguments): boolean {
  return String(answers.run) === 'false';
}

/** A template without examples is tested with its defaults. */
function chooseExamples({ template }: OpenedTemplate, { answers }: Arguments): [string, Answers][] {
  const { examples = { default: {} }, name } = template.manifest;
  const wanted = answers.example;
  const chosen = Object.entries(examples).filter(
    ([each]) => wanted === undefined || each === wanted,
  );
  if (chosen.length > 0) return chosen;
  const names = Object.keys(examples);
  throw new UsageError(
    `The template ${name} has no example "${String(wanted)}". It has: ${names.join(', ')}.${didYouMean(String(wanted), names)}`,
  );
}

interface Circumstances {
  readonly opened: OpenedTemplate;
  readonly typed: Arguments;
  readonly world: World;
  /** As npm takes it. */
  readonly suite: string | undefined;
}

async function testExample(
  example: string,
  answers: Answers,
  { opened, typed, world, suite }: Circumstances,
): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'create-ai-backend-'));
  const there = { ...world, workingDirectory: folder };
  const names: readonly string[] = OPTIONS.filter(isAnswer).map(({ name }) => name);
  const isGenerators = ([name]: readonly [string, unknown]): boolean => names.includes(name);
  const entries = Object.entries(answers);
  const wish: Arguments = {
    ...typed,
    operand: PROJECT,
    answers: {
      ...Object.fromEntries(entries.filter(isGenerators)),
      template: typed.operand ?? '',
      git: false,
      ...(isKeptFromRunning(typed) ? { run: false } : { verify: true }),
    },
    set: Object.fromEntries(entries.filter((entry) => !isGenerators(entry))),
  };
  try {
    const { request, toWrite } = await prepare(wish, there, () => Promise.resolve(opened));
    await writeProject(request.target.directory, toWrite.files, () => world.interrupt.checkpoint());
    const further = await suiteSteps(toWrite, suite);
    const { verification } = await finishProject(request, toWrite, there, further);
    rmSync(folder, { recursive: true, force: true });
    return { example, passed: true, ...(verification ? { verification } : {}) };
  } catch (error) {
    if (error instanceof Cancelled) {
      rmSync(folder, { recursive: true, force: true });
      throw new Cancelled(`Cancelled. Nothing is kept of ${example}.`, error.exitCode);
    }
    if (!(error instanceof UserError)) throw error;
    const directory = join(folder, PROJECT);
    // What to type to go on is meant for who stands in this folder of ours.
    const fromHere = (text: string): string =>
      text.replaceAll(`cd ${PROJECT} `, `cd ${quote(directory)} `);
    const { resume, ...details } = error.details;
    return {
      example,
      passed: false,
      reason: fromHere(error.message),
      directory,
      ...(typeof resume === 'string' ? { resume: fromHere(resume) } : {}),
      ...details,
    };
  }
}

/** The conformance suite, for who claims the contract. */
async function suiteSteps({ service }: Plan, suite: string | undefined): Promise<readonly Step[]> {
  if (!service?.keepsContract || suite === undefined) return [];
  const { conformanceStep } = await import('../../project/conformance-suite.js');
  return [conformanceStep(service, suite)];
}

const PROJECT = 'my-ai';

class FailedExamples extends UserError {
  constructor(examples: readonly Outcome[], failed: readonly Outcome[]) {
    const lines = failed.map(
      ({ example, reason, directory }) => `  ${example} (in ${directory ?? ''}): ${reason ?? ''}`,
    );
    super(
      `${failed.length} of ${examples.length} did not pass:\n${lines.join('\n')}`,
      EXIT.command,
      {
        passed: false,
        examples,
      },
    );
  }
}
