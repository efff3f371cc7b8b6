import type { Plan } from '../plan/plan.js';
import { VERSION } from '../version.js';
import type { Finish, Verification } from './finish-project.js';
import type { Output } from './output.js';
import { printTree } from './print-tree.js';
import { quote, quoteCommand } from './quote.js';
import { reproduce } from './reproduce.js';
import type { Request } from './resolve-request.js';

interface Outcome extends Request {
  readonly plan: Plan;
  readonly skipped: readonly string[];
  readonly output: Output;
}

const NOTES: Readonly<Record<Finish['repository'], string | undefined>> = {
  started: undefined,
  'not-wanted': undefined,
  'no-git': 'git is not installed here, so there is no repository.',
  'inside-repository': 'The directory is inside a git repository already, so none was started.',
  'no-commit':
    'The first commit could not be made (is your name set in git?); the files are there to be committed.',
};

export async function reportDryRun(outcome: Outcome): Promise<void> {
  const { plan, target, output, skipped } = outcome;
  const { bold } = output.colours;
  output.print(
    `${bold(`Would write ${count(plan)} to ${target.shown}`)} and nothing has been written:\n`,
  );
  output.print(
    printTree(
      target.shown,
      plan.files.map(({ path }) => path),
    ),
  );
  printSkipped(skipped, output);
  const commands = await plannedCommands(outcome);
  if (commands.length > 0) output.print(`\nWould then run: ${commands.join(', ')}`);
  await printData(outcome, { dryRun: true, written: false });
}

export async function reportCreated(outcome: Outcome & { readonly finish: Finish }): Promise<void> {
  const { plan, target, finish, output, skipped } = outcome;
  const { bold, cyan, green } = output.colours;
  if (finish.verification)
    output.print(
      `${green('Verified')}${exceptions(finish.verification)} in ${seconds(finish.verification)} s`,
    );
  output.print(`${green('Done:')} ${count(plan)} in ${bold(target.shown)}`);
  printSkipped(skipped, output);
  const note = NOTES[finish.repository];
  if (note !== undefined) output.note(note);
  const steps = nextSteps(outcome);
  if (steps.length > 0)
    output.print(`\nNext:\n${steps.map((step) => `  ${cyan(step)}`).join('\n')}`);
  await printData(outcome, {
    dryRun: false,
    written: true,
    installed: finish.installed,
    repository: finish.repository,
    ...(finish.verification ? { verification: finish.verification } : {}),
    nextSteps: steps,
  });
}

/** What a person pastes next, line by line. */
function nextSteps({ plan, target, finish }: Outcome & { readonly finish: Finish }): string[] {
  const { install, dev } = plan.commands;
  return [
    ...(target.shown === '.' ? [] : [`cd ${quote(target.shown)}`]),
    ...(finish.installed || !install ? [] : [quoteCommand(install)]),
    ...(dev ? [quoteCommand(dev)] : []),
  ];
}

async function plannedCommands({ plan, install, git, verify }: Outcome): Promise<string[]> {
  const command = plan.commands.install;
  return [
    ...(install && command ? [quoteCommand(command)] : []),
    ...(git ? ['git init', 'git commit'] : []),
    ...(verify ? await verificationCommands(plan) : []),
  ];
}

async function verificationCommands(plan: Plan): Promise<string[]> {
  const { verificationSteps } = await import('../project/steps.js');
  return [...new Set(verificationSteps(plan).map(({ command }) => quoteCommand(command)))];
}

/** What was not done is said beside what was. */
function exceptions({ steps }: Verification): string {
  const skipped = steps.filter(({ status }) => status === 'skipped').map(({ name }) => name);
  return skipped.length === 0 ? '' : `, without ${skipped.join(' and ')},`;
}

function seconds({ steps }: Verification): number {
  return Math.round(steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000);
}

function printSkipped(skipped: readonly string[], output: Output): void {
  if (skipped.length > 0) output.note(`Kept as they are: ${skipped.join(', ')}`);
}

function count({ files }: Plan): string {
  return `${files.length} ${files.length === 1 ? 'file' : 'files'}`;
}

/** Digests need node:crypto, so they are made only when somebody reads them. */
async function printData(outcome: Outcome, facts: object): Promise<void> {
  const { plan, target, skipped, output } = outcome;
  if (!output.json) return;
  const { describePlan } = await import('./describe-plan.js');
  const reproduction = quoteCommand(reproduce(outcome));
  output.data({ version: VERSION, ...describePlan(plan, target), skipped, ...facts, reproduction });
}
