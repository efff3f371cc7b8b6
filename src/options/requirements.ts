import type { Answers, Option } from './option.js';
import { OPTIONS } from './table.js';

/** What a framework is recommended from. */
export const REQUIREMENTS: readonly Option[] = OPTIONS.filter(
  (option) => option.scope === 'requirement',
);

export function pickRequirements(answers: Answers): Answers {
  const names = REQUIREMENTS.map(({ name }) => name);
  return Object.fromEntries(Object.entries(answers).filter(([name]) => names.includes(name)));
}

/** What other options default to under these requirements. */
export function suggestedDefaults(requirements: Answers): Answers {
  const suggested = REQUIREMENTS.flatMap(({ name, choices = [] }) =>
    choices.filter(({ value }) => value === requirements[name]).map(({ suggests }) => suggests),
  );
  return Object.assign({}, ...suggested) as Answers;
}
