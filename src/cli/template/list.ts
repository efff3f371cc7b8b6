import type { Answers } from '../../options/option.js';
import { readRegistry } from '../../template/source/registry.js';
import type { Arguments } from '../parse-arguments.js';
import type { World } from '../run.js';
import { printRows } from './print-rows.js';
import { fetchContext } from './open-source.js';

/** Lists what `--framework` and `--template` take by name. */
export async function list({ answers }: Arguments, world: World): Promise<void> {
  const { builtIns, output } = world;
  const builtIn = builtIns.catalog.map(({ name, description }) => ({ name, description }));
  const registry =
    answers.registry === undefined
      ? []
      : await registered(String(answers.registry), answers, world);
  const print = (title: string, entries: readonly Named[]): void => {
    output.print(output.colours.bold(title));
    const rows = entries.map(({ name, description }) => [name, description] as const);
    for (const line of printRows(rows, output.width())) output.print(line);
  };
  print('Built in', builtIn);
  if (answers.registry !== undefined) print(`In ${String(answers.registry)}`, registry);
  output.data({ builtIn, registry });
}

async function registered(
  location: string,
  answers: Answers,
  world: World,
): Promise<readonly Named[]> {
  const index = await readRegistry(location, fetchContext(answers, world));
  return [...index.templates].map(([name, { description = '' }]) => ({
    name,
    description,
  }));
}

interface Named {
  readonly name: string;
  readonly description: string;
}
