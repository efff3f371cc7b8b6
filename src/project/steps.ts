import type { Command, Plan } from '../plan/plan.js';
import { addSentence } from './add-sentence.js';
import type { CommandOutcome } from './run-command.js';

/** Something that is done in a project once it is written, and that can fail. */
export interface Step {
  readonly name: string;
  readonly command: Command;
  run(options: StepOptions): Promise<StepOutcome>;
}

export interface StepOptions {
  readonly directory: string;
  /** Ends the step when aborted. */
  readonly signal: AbortSignal;
}

export type StepOutcome =
  | { readonly status: 'passed' }
  | { readonly status: 'skipped'; readonly reason: string }
  | { readonly status: 'failed'; readonly reason: string };

export const PASSED: StepOutcome = { status: 'passed' };

/** The template's own commands that check a project, in order; `install` comes before them. */
const CHECKS = ['lint', 'typecheck', 'test', 'build'] as const;

/** The purposes of the commands that this program runs itself. */
export const RUN_PURPOSES: readonly string[] = ['install', ...CHECKS, 'start'];

export function installStep({ commands }: Plan): Step | undefined {
  return commands.install && commandStep('install', commands.install, commands.setup);
}

/** What `--verify` does after the installation: the checks that the template has, and the program that comes of it. */
export function verificationSteps({ commands, service }: Plan): readonly Step[] {
  const checks = CHECKS.flatMap((name) => {
    const command = commands[name];
    return command ? [commandStep(name, command)] : [];
  });
  const { start } = commands;
  if (!start || !service) return checks;
  const served = (name: 'boot' | 'contract'): Step => ({
    name,
    command: start,
    run: async (options) => {
      const { checkService } = await import('./check-service.js');
      return checkService({ command: start, service, speaks: name === 'contract', ...options });
    },
  });
  return [...checks, served('boot'), ...(service.keepsContract ? [served('contract')] : [])];
}

/** @param setup what brings the program that the command is, in the version that is meant */
export function commandStep(name: string, command: Command, setup?: Command): Step {
  return {
    name,
    command,
    run: async (options) => {
      const { runCommand } = await import('./run-command.js');
      return toOutcome(command, await runCommand(command, options), setup);
    },
  };
}

function toOutcome(
  command: Command,
  { ok, missing, output }: CommandOutcome,
  setup?: Command,
): StepOutcome {
  if (ok) return PASSED;
  const failed = missing
    ? `${command[0] ?? ''} is not installed on this machine.`
    : `"${command.join(' ')}" failed:\n${lastLines(output)}`;
  if (!setup) return { status: 'failed', reason: failed };
  const remedy = `Where ${command[0] ?? ''} is missing, or of another version: ${setup.join(' ')}.`;
  return { status: 'failed', reason: addSentence(failed, remedy) };
}

const SHOWN_LINES = 20;

/** The end of what a program said, where it tells why it failed. */
export function lastLines(output: string): string {
  return output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n');
}
