import { Cancelled, CommandError } from '../errors.js';
import type { Plan } from '../plan/plan.js';
import type { RepositoryOutcome } from '../project/start-repository.js';
import type { Interrupt } from './interrupt.js';
import type { Output } from './output.js';
import { showProgress } from './progress.js';
import { quote, quoteCommand } from './quote.js';
import type { Request } from './resolve-request.js';

/** What was done in the project after it was written. */
export interface Finish {
  readonly installed: boolean;
  readonly repository: RepositoryOutcome | 'not-wanted';
}

interface Tools {
  readonly interrupt: Interrupt;
  readonly output: Output;
}

const SHOWN_LINES = 20;

/**
 * Installs, then commits, so that the lockfile is in the first commit. The project is whole whatever happens here.
 * Throws a CommandError or Cancelled that says how to go on.
 */
export async function finishProject(request: Request, plan: Plan, tools: Tools): Promise<Finish> {
  const { install } = plan.commands;
  const installs = request.install && install !== undefined;
  if (!installs && !request.git) return { installed: false, repository: 'not-wanted' };
  const resume = `cd ${quote(request.target.shown)}${installs ? ` && ${quoteCommand(install)}` : ''}`;
  const stop = new AbortController();
  const work = finish(request, installs ? install : undefined, resume, { ...tools, stop });
  try {
    return await Promise.race([work, tools.interrupt.signalled]);
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    stop.abort();
    await work.catch(() => undefined); // the child is gone before we are
    throw new Cancelled(
      `Cancelled. The project in ${request.target.shown} is written; go on with: ${resume}`,
      error.exitCode,
    );
  }
}

async function finish(
  { target, git }: Request,
  install: Plan['commands'][string] | undefined,
  resume: string,
  { output, stop }: Tools & { readonly stop: AbortController },
): Promise<Finish> {
  const { directory } = target;
  const { signal } = stop;
  if (install) {
    const { runCommand } = await import('../project/run-command.js');
    const done = showProgress(output, `Installing dependencies (${quoteCommand(install)})`);
    const outcome = await runCommand(install, { directory, signal }).finally(done);
    if (!outcome.ok) throw installFailed(quoteCommand(install), outcome, resume);
  }
  if (!git) return { installed: install !== undefined, repository: 'not-wanted' };
  const { startRepository } = await import('../project/start-repository.js');
  return {
    installed: install !== undefined,
    repository: await startRepository(directory, signal),
  };
}

function installFailed(
  command: string,
  outcome: { readonly missing: boolean; readonly output: string },
  resume: string,
): CommandError {
  const lastLines = outcome.output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
  const reason = outcome.missing
    ? `${command.split(' ', 1)[0] ?? ''} is not installed on this machine.`
    : `"${command}" failed:\n${lastLines}\n`;
  return new CommandError(`${reason} The project is written; go on with: ${resume}`, {
    written: true,
    resume,
  });
}
