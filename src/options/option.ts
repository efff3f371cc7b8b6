export type Answer = string | boolean;
export type Answers = Readonly<Record<string, Answer>>;

/** Conditions as data: every named option must have the value, or one of the values. */
export type When = Readonly<Record<string, Answer | readonly Answer[]>>;

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
  /** What other options default to where this is chosen. */
  readonly suggests?: Answers;
}

/** A question with its flag: prompt, `--help`, validation and `--set` are all derived from this. */
export interface Option {
  readonly name: string;
  readonly type: 'choice' | 'boolean' | 'string';
  /** The question as a person is asked it. */
  readonly label: string;
  /** One line for `--help`. */
  readonly help: string;
  readonly choices?: readonly Choice[];
  /** The values of a `boolean` that a template leaves open; both when absent. */
  readonly values?: readonly boolean[];
  readonly default?: Answer;
  /** What a `string` must match, as a regular expression. */
  readonly pattern?: string;
  /** The same in words, after "it must be". */
  readonly form?: string;
  /** A `string` that is shown to nobody and recorded nowhere. */
  readonly secret?: boolean;
  readonly when?: When;
  /** Takes its default where it is not answered: it is not worth a question. */
  readonly unasked?: boolean;
  /** Declared by a template: answered with `--set name=value` instead of a flag of its own. */
  readonly own?: boolean;
}

/** Everything that an option can be answered with; undefined when any text will do. */
export function allowedValues(option: Option): readonly Answer[] | undefined {
  if (option.type === 'boolean') return option.values ?? [true, false];
  return option.choices?.map(({ value }) => value);
}

/** Whether the whole of a text is what a pattern describes. Throws a SyntaxError for a pattern that is none. */
export function matchesPattern(pattern: string, text: string): boolean {
  return new RegExp(`^(?:${pattern})$`, 'u').test(text);
}

/** What to type to answer an option, word by word. */
export function wordsOf(option: Option, value: Answer): readonly string[] {
  if (option.own) return ['--set', `${option.name}=${String(value)}`];
  if (option.type === 'boolean')
    return [value === true ? `--${option.name}` : `--no-${option.name}`];
  return [`--${option.name}`, String(value)];
}

/** The same as a sentence has it. */
export function flagOf(option: Option, value: Answer): string {
  return wordsOf(option, value).join(' ');
}

/** `store is redis or memory and docker is true` */
export function describeCondition(when: When): string {
  return Object.entries(when)
    .map(([name, wanted]) => `${name} is ${[wanted].flat().join(' or ')}`)
    .join(' and ');
}

/** Whether a condition holds for the answers so far. An option that does not apply has no answer and matches nothing. */
export function applies(when: When | undefined, answers: Answers): boolean {
  return Object.entries(when ?? {}).every(([name, wanted]) => {
    const answer = answers[name];
    return answer !== undefined && [wanted].flat().includes(answer);
  });
}
