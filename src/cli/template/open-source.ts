import { UsageError } from '../../errors.js';
import type { Arguments } from '../parse-arguments.js';
import type { Answers } from '../../options/option.js';
import { openTemplate, type OpenedTemplate } from '../../template/open-template.js';
import type { OnFault } from '../../template/on-fault.js';
import type { FetchContext } from '../../template/source/fetch-template.js';
import { showProgress } from '../progress.js';
import type { World } from '../run.js';

/** Opens the template that was named, with a sign of life while it is fetched. Throws a UserError. */
export async function openSource(
  source: string,
  answers: Answers,
  world: Pick<World, 'builtIns' | 'workingDirectory' | 'environment' | 'interrupt' | 'output'>,
  onFault?: OnFault,
): Promise<OpenedTemplate> {
  const { builtIns, interrupt, output } = world;
  const stop = new AbortController();
  const work = openTemplate(source, {
    builtIns,
    registry: answers.registry === undefined ? undefined : String(answers.registry),
    ...fetchContext(answers, world),
    signal: stop.signal,
    ...(onFault ? { onFault } : {}),
    whileFetching: (what, fetching) => fetching.finally(showProgress(output, `Fetching ${what}`)),
  });
  try {
    return await Promise.race([work, interrupt.signalled]);
  } catch (error) {
    stop.abort();
    await work.catch(() => undefined); // what was begun is put away before we go
    throw error;
  }
}

/** How this run fetches. */
export function fetchContext(
  { offline }: Answers,
  { workingDirectory, environment }: Pick<World, 'workingDirectory' | 'environment'>,
): FetchContext {
  return { workingDirectory, environment, offline: String(offline) === 'true' };
}

/** The same for a command that takes nothing else. */
export function openOperand(
  typed: Arguments,
  world: World,
  onFault?: OnFault,
): Promise<OpenedTemplate> {
  const { operand, answers, command } = typed;
  if (operand !== undefined) return openSource(operand, answers, world, onFault);
  throw new UsageError(
    `Name the template: create-ai-backend ${command.name} <source>, a folder for example. create-ai-backend template list knows those that have a name.`,
  );
}
