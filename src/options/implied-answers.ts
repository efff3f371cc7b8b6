import { UsageError } from '../errors.js';
import type { Answers } from './option.js';
import { flagSpelling, type Spelling } from './source.js';
import type { GeneratorOption } from './table.js';

/** The answers with all that they imply. Throws a UsageError that names both when another one was given. */
export function withImplied(
  options: readonly GeneratorOption[],
  answers: Answers,
  spelling: Spelling = flagSpelling,
): Answers {
  const implied = options.filter(({ name, implies }) => implies && isOn(answers[name]));
  return implied.reduce((all, option) => {
    for (const [name, value] of Object.entries(option.implies ?? {})) {
      const given = answers[name];
      if (given === undefined || String(given) === String(value)) continue;
      const [one, other] = [spelling(option), spelling({ name }, given)];
      throw new UsageError(`${one} and ${other} exclude each other. Leave out one of them.`);
    }
    return { ...all, ...option.implies };
  }, answers);
}

/** Variables are text. */
function isOn(value: Answers[string] | undefined): boolean {
  return String(value) === 'true';
}
