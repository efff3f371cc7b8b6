import { TemplateError } from '../errors.js';
import type { Command } from '../plan/plan.js';
import type { Service } from '../plan/service.js';
import { commandStep, type Step } from './steps.js';

/** A program in a package of its own: it needs a test runner, and few who make a project need it. */
export const SUITE = 'create-ai-backend-contract';

/**
 * Sends a program through the conformance suite: every sentence of the contract, against the program itself. The
 * machine's npm fetches the suite. Throws a TemplateError where nothing says how the program is started.
 *
 * @param suite a package as npm takes it: a name with its version, the path of a tarball, of a folder
 */
export function conformanceStep({ entry, worker }: Service, suite: string): Step {
  if (entry === undefined) {
    throw new TemplateError(
      'Its facts claim the contract, but neither container.entry nor commands.start says how the program is started.',
    );
  }
  const arguments_ = ['--command', line(entry)];
  if (worker) arguments_.push('--store', 'redis', '--required', '--worker-command', line(worker));
  return commandStep('conformance', [
    ...['npm', 'exec', '--yes', `--package=${suite}`, '--', SUITE],
    ...arguments_,
  ]);
}

/** As the suite splits it: double quotes keep together what has spaces. */
function line(command: Command): string {
  return command.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ');
}
