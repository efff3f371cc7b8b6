import { checkGiven } from '../options/answer-options.js';
import { optionsOf } from '../options/commands.js';
import { firstOf, VARIABLE_PREFIX, type Source } from '../options/source.js';
import { isAnswer, OPTIONS, type GeneratorOption } from '../options/table.js';
import type { Arguments } from './parse-arguments.js';

interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

/** How templates are fetched is asked of nobody, so nothing else checks what was given for it. */
const FETCH = OPTIONS.filter((option) => option.scope === 'fetch');

/**
 * The command line with the answers of the file that it names and of the environment, where it has none itself.
 * Throws a UsageError for a file or a variable that says what cannot be, and for a way of fetching that is none.
 */
export async function gatherAnswers(
  typed: Arguments,
  options: readonly GeneratorOption[],
  { environment, workingDirectory }: Surroundings,
): Promise<Arguments> {
  if (!optionsOf(typed.command).some(isAnswer)) return typed;
  const config = await fromConfig(typed.config, workingDirectory, options);
  const variables = await fromEnvironment(environment, options);
  const gathered = firstOf(typed, ...config, ...variables);
  const { scopes } = typed.command;
  if (scopes.includes('fetch')) checkGiven(FETCH, gathered.answers, gathered.spelling);
  return { ...typed, ...gathered };
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
