import { type CommandName } from '../options/commands.js';
import { offeredOptions } from '../options/offered-options.js';
import type { BuiltIns } from '../template/built-in.js';
import { VERSION } from '../version.js';
import { create } from './create.js';
import type { Interrupt } from './interrupt.js';
import type { Output } from './output.js';
import { parseArguments, type Arguments } from './parse-arguments.js';

/** Everything that a run takes from the world around it. */
export interface World {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly builtIns: BuiltIns;
  readonly interrupt: Interrupt;
  readonly output: Output;
}

/** What each command does. All but the usual one are loaded when they are run. */
const RUNS: Readonly<Record<CommandName, (typed: Arguments, world: World) => Promise<void>>> = {
  create,
  recommend: async (typed, world) => (await import('./recommend.js')).recommend(typed, world),
};

const MAX_HELP_WIDTH = 100;

export async function run(world: World): Promise<void> {
  const { argv, builtIns, output } = world;
  const options = offeredOptions(builtIns.catalog);
  const typed = parseArguments(argv, options);
  if (typed.help) {
    const { renderHelp } = await import('./render-help.js');
    output.print(renderHelp(typed.command, options, Math.min(output.width(), MAX_HELP_WIDTH)));
  } else if (typed.version) output.print(VERSION);
  else await RUNS[typed.command.name](typed, world);
}
