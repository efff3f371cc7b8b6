import { UsageError } from '../errors.js';
import { didYouMean } from '../options/nearest.js';
import type { Answer } from '../options/option.js';
import { VARIABLE_PREFIX, type Source } from '../options/source.js';
import { isAnswer, type GeneratorOption } from '../options/table.js';

const SET_PREFIX = `${VARIABLE_PREFIX}SET_`;

/**
 * The answers in the environment: `CREATE_AI_BACKEND_PACKAGE_MANAGER` for `--package-manager`,
 * `CREATE_AI_BACKEND_SET_TEAM` for `--set team`. A variable that is empty says nothing.
 * Throws a UsageError for one that stands for no option.
 */
export function readEnvironment(
  environment: NodeJS.ProcessEnv,
  options: readonly GeneratorOption[],
): Source {
  const names = new Map(
    options
      .filter((option) => isAnswer(option) && option.type !== 'list')
      .map(({ name }) => [toVariable(VARIABLE_PREFIX, name), name]),
  );
  const answers: Record<string, Answer> = {};
  const set: Record<string, Answer> = {};
  for (const [variable, value = ''] of Object.entries(environment)) {
    if (!variable.startsWith(VARIABLE_PREFIX) || value === '') continue;
    const name = names.get(variable);
    if (name !== undefined) answers[name] = value;
    else if (variable.startsWith(SET_PREFIX)) set[toName(variable)] = value;
    else throw new UsageError(unknownVariable(variable, [...names.keys()]));
  }
  return {
    answers,
    set,
    spelling: ({ name, own }) => toVariable(own ? SET_PREFIX : VARIABLE_PREFIX, name),
  };
}

function toVariable(prefix: string, name: string): string {
  return prefix + name.replaceAll('-', '_').toUpperCase();
}

function toName(variable: string): string {
  return variable.slice(SET_PREFIX.length).toLowerCase().replaceAll('_', '-');
}

function unknownVariable(variable: string, known: readonly string[]): string {
  return `The environment variable ${variable} stands for no option. There are: ${known.join(', ')}, and ${SET_PREFIX}<NAME> for the options of a template.${didYouMean(variable, known)}`;
}
