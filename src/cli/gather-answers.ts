import { optionsOf } from '../options/commands.js';
import { firstOf, VARIABLE_PREFIX, type Source } from '../options/source.js';
import { isAnswer, type GeneratorOption } from '../options/table.js';
import type { Arguments } from './parse-arguments.js';

interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

/** The command line with the answers of the file that it names and of the environment, where it has none itself. */
export async function gatherAnswers(
  typed: Arguments,
  options: readonly GeneratorOption[],
  { environment, workingDirectory }: Surroundings,
): Promise<Arguments> {
  if (!optionsOf(typed.command).some(isAnswer)) return typed;
  const config = await fromConfig(typed.config, workingDirectory, options);
  const variables = await fromEnvironment(environment, options);
  return { ...typed, ...firstOf(typed, ...config, ...variables) };
}

async function fromConfig(
  file: string | undefined,
  workingDirectory: string,
  options: readonly GeneratorOption[],
): Promise<readonly Source[]> {
  if (file === undefined) return [];
  const { readConfig } = await import('./read-config.js');
  return [readConfig(file, workingDirectory, options)];
}

async function fromEnvironment(
  environment: NodeJS.ProcessEnv,
  options: readonly GeneratorOption[],
): Promise<readonly Source[]> {
  if (!Object.keys(environment).some((name) => name.startsWith(VARIABLE_PREFIX))) return [];
  const { readEnvironment } = await import('./read-environment.js');
  return [readEnvironment(environment, options)];
}
