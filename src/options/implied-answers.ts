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
  const implied = options.filter(
    ({ name, implies }) => implies?.value.toString() === String(answers[name]),
  );
  return implied.reduce((all, option) => {
    for (const [name, value] of Object.entries(option.implies?.answers ?? {})) {
      const given = answers[name];
      if (given === undefined || String(given) === String(value)) continue;
      const [one, other] = [spelling(option, option.implies?.value), spelling({ name }, given)];
      throw new UsageError(`${one} and ${other} exclude each other. Leave out one of them.`);
    }
    return { ...all, ...option.implies?.answers };
  }, answers);
}
