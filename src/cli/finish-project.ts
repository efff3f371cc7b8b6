import { Cancelled, CommandError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import { addSentence } from '../project/add-sentence.js';
import type { RepositoryOutcome } from '../project/start-repository.js';
import type { Step, StepOutcome } from '../project/steps.js';
import type { Interrupt } from './interrupt.js';
import type { Output } from './output.js';
import { showProgress } from './progress.js';
import { quote, quoteCommand } from './quote.js';
import type { Request } from './resolve-request.js';

/** What was done in the project after it was written. */
export interface Finish {
  readonly installed: boolean;
  readonly repository: RepositoryOutcome | 'not-wanted';
  /** With `--verify` only. */
  readonly verification?: Verification;
}

export interface Verification {
  readonly passed: boolean;
  readonly steps: readonly StepReport[];
}

type StepReport = StepOutcome & {
  readonly name: string;
  readonly command: Step['command'];
  readonly milliseconds: number;
};

interface Tools {
  readonly interrupt: Interrupt;
  readonly output: Output;
}

/**
 * Installs, then commits, so that the lockfile is in the first commit, then verifies. The project is whole whatever
 * happens here. Throws a CommandError or Cancelled that says how to go on.
 *
 * @param further what verifies the project besides the template's own commands
 */
export async function finishProject(
  request: Request,
  plan: Plan,
  tools: Tools,
  further: readonly Step[] = [],
): Promise<Finish> {
  const { install, git, verify } = request;
  if (!install && !git && !verify) return { installed: false, repository: 'not-wanted' };
  const stop = new AbortController();
  const watch = { output: tools.output, signal: stop.signal };
  const work = finish(request, plan, further, watch);
  try {
    return await Promise.race([work, tools.interrupt.signalled]);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    stop.abort();
    const failure: unknown = await work.catch((reason: unknown) => reason); // the child is gone before we are
    const resume = failure instanceof CommandError ? failure.resume : enter(request);
    throw new Cancelled(
      `Cancelled. The project in ${request.target.shown} is written; go on with: ${resume}`,
      error.exitCode,
    );
  }
}

interface Watch {
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function finish(
  request: Request,
  plan: Plan,
  further: readonly Step[],
  watch: Watch,
): Promise<Finish> {
  const { installStep, verificationSteps } = await import('../project/steps.js');
  const reports: StepReport[] = [];
  const install = request.install ? installStep(plan) : undefined;
  if (install) await runStep(install, request, reports, watch);
  const repository = request.git ? await commit(request, watch) : 'not-wanted';
  for (const step of request.verify ? [...verificationSteps(plan), ...further] : []) {
    await runStep(step, request, reports, watch);
  }
  return {
    installed: install !== undefined,
    repository,
    ...(request.verify ? { verification: { passed: true, steps: reports } } : {}),
  };
}

async function commit({ target }: Request, { signal }: Watch): Promise<RepositoryOutcome> {
  const { startRepository } = await import('../project/start-repository.js');
  return startRepository(target.directory, signal);
}

/** Adds to the reports. Throws a CommandError when the step fails. */
async function runStep(
  step: Step,
  request: Request,
  reports: StepReport[],
  { output, signal }: Watch,
): Promise<void> {
  const { directory } = request.target;
  const command = quoteCommand(step.command);
  const started = Date.now();
  const done = showProgress(output, `${LABELS[step.name] ?? 'Running'} (${command})`);
  const outcome = await step.run({ directory, signal }).finally(done);
  const report = {
    name: step.name,
    command: step.command,
    milliseconds: Date.now() - started,
    ...outcome,
  };
  reports.push(report);
  if (request.verify) printStep(report, output);
  if (outcome.status !== 'failed') return;
  const resume = `${enter(request)} && ${command}`;
  const failed = addSentence(outcome.reason, `The project is written; go on with: ${resume}`);
  if (!request.verify) throw new CommandError(failed, resume);
  const verification: Verification = { passed: false, steps: reports };
  throw new CommandError(`Verification failed at "${step.name}": ${failed}`, resume, {
    step: step.name,
    verification,
  });
}

const LABELS: Readonly<Record<string, string>> = {
  install: 'Installing dependencies',
  lint: 'Linting',
  typecheck: 'Checking types',
  test: 'Testing',
  build: 'Building',
  boot: 'Starting',
  contract: 'Trying the contract',
  conformance: 'Checking every sentence of the contract, which takes minutes',
};

function printStep({ name, milliseconds, ...outcome }: StepReport, output: Output): void {
  const { green, red } = output.colours;
  const mark = { passed: green('passed'), skipped: 'skipped', failed: red('failed') };
  const why = outcome.status === 'skipped' ? `: ${outcome.reason}` : '';
  output.print(`  ${mark[outcome.status]} ${name} ${(milliseconds / 1000).toFixed(1)} s${why}`);
}

function enter({ target }: Request): string {
  return `cd ${quote(target.shown)}`;
}
