import { offeredOptions } from '../options/offered-options.js';
import type { BuiltIns } from '../template/built-in.js';
import { VERSION } from '../version.js';
import { create } from './create.js';
import type { Interrupt } from './interrupt.js';
import type { Output } from './output.js';
import { parseArguments } from './parse-arguments.js';

/** Everything that a run takes from the world around it. */
export interface World {
  readonly argv: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
  readonly builtIns: BuiltIns;
  readonly interrupt: Interrupt;
  readonly output: Output;
}

const MAX_HELP_WIDTH = 100;

export async function run(world: World): Promise<void> {
  const { argv, builtIns, output } = world;
  const options = offeredOptions(builtIns.catalog);
  const typed = parseArguments(argv, options);
  if (typed.help) {
    const { renderHelp } = await import('./render-help.js');
    output.print(renderHelp(options, Math.min(output.width(), MAX_HELP_WIDTH)));
  } else if (typed.version) output.print(VERSION);
  else await create(typed, world);
}
