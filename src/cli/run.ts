import { optionsOf, type CommandName } from '../options/commands.js';
import { offeredOptions } from '../options/offered-options.js';
import type { GeneratorOption } from '../options/table.js';
import type { BuiltIns } from '../template/built-in.js';
import { VERSION } from '../version.js';
import { create } from './create.js';
import { gatherAnswers } from './gather-answers.js';
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

type Run = (typed: Arguments, world: World) => void | Promise<void>;

/** What each command does. All but the usual one are loaded when they are run. */
const RUNS: Readonly<Record<CommandName, Run>> = {
  create,
  recommend: async (typed, world) => {
    const { recommend } = await import('./recommend.js');
    await recommend(typed, world);
  },
  'template new': async (typed, world) => {
    const { newTemplate } = await import('./template/new.js');
    await newTemplate(typed, world);
  },
  'template validate': async (typed, world) => {
    const { validate } = await import('./template/validate.js');
    await validate(typed, world);
  },
  'template test': async (typed, world) => {
    const { test } = await import('./template/test.js');
    await test(typed, world);
  },
  'template list': async (typed, world) => {
    const { list } = await import('./template/list.js');
    await list(typed, world);
  },
  'template show': async (typed, world) => {
    const { show } = await import('./template/show.js');
    await show(typed, world);
  },
  schema: async (typed, world) => {
    const { schema } = await import('./schema.js');
    schema(typed, world);
  },
  completion: async (typed, world) => {
    const { completion } = await import('./completion.js');
    completion(typed, world);
  },
};

const MAX_HELP_WIDTH = 100;

export async function run(world: World): Promise<void> {
  const { argv, builtIns, output } = world;
  const options = offeredOptions(builtIns.catalog);
  const typed = parseArguments(argv, options);
  if (typed.help) await printHelp(typed, options, output);
  else if (typed.version) printVersion(output);
  else await RUNS[typed.command.name](await gatherAnswers(typed, options, world), world);
}

async function printHelp(
  { command, half }: Arguments,
  options: readonly GeneratorOption[],
  output: Output,
): Promise<void> {
  const { renderHelp, renderHelpOn } = await import('./render-help.js');
  const width = Math.min(output.width(), MAX_HELP_WIDTH);
  output.print(
    half === undefined ? renderHelp(command, options, width) : renderHelpOn(half, width),
  );
  if (!output.json) return;
  const { describeCommand } = await import('./describe-command.js');
  output.data(describeCommand(command, optionsOf(command, options)));
}

function printVersion(output: Output): void {
  output.print(VERSION);
  output.data({ version: VERSION });
}
