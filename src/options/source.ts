import type { Answer, Answers, Option } from './option.js';

/**
 * How an option is called in the place where it was answered: `--store`, `"store" in answers.json`.
 * With an answer: how that was given, `--no-docker`.
 */
export type Spelling = (option: Pick<Option, 'name' | 'own'>, answer?: Answer) => string;

/** A place where answers stand: the command line, a file, the environment. */
export interface Source {
  /** By the names of the generator's own options. */
  readonly answers: Answers;
  /** By the names of the template's options. */
  readonly set: Answers;
  readonly spelling: Spelling;
}

/** What the names of environment variables that answer options begin with. */
export const VARIABLE_PREFIX = 'CREATE_AI_BACKEND_';

/** All sources as one, the first of which that answers an option counts. What is in none takes its default, or is asked. */
export function firstOf(...sources: readonly Source[]): Source {
  const weakestFirst = sources.toReversed();
  return {
    answers: Object.assign({}, ...weakestFirst.map(({ answers }) => answers)) as Answers,
    set: Object.assign({}, ...weakestFirst.map(({ set }) => set)) as Answers,
    spelling: (option, answer) => {
      const said = ({ answers, set }: Source): boolean =>
        Object.hasOwn(option.own ? set : answers, option.name);
      return (sources.find(said)?.spelling ?? flagSpelling)(option, answer);
    },
  };
}

export const flagSpelling: Spelling = ({ name, own }, answer) =>
  own ? `--set ${name}` : `--${answer === false ? 'no-' : ''}${name}`;
