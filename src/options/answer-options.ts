import { UsageError } from '../errors.js';
import { didYouMean } from './nearest.js';
import {
  allowedValues,
  applies,
  describeCondition,
  flagOf,
  matchesPattern,
  type Answer,
  type Answers,
  type Option,
} from './option.js';
import { flagSpelling, type Spelling } from './source.js';

/** Where an answer comes from that was not given: a prompt, or the default. */
export type Ask = (option: Option) => Answer | Promise<Answer>;

/**
 * Answers every option that applies, in order: what was given is checked, the rest is asked for.
 * Throws a UsageError for a value that is not valid, and for an answer to an option that does not apply.
 */
export async function answerOptions(
  options: readonly Option[],
  given: Answers,
  ask: Ask,
  spelling: Spelling = flagSpelling,
): Promise<Answers> {
  const answers: Record<string, Answer> = {};
  for (const option of options) {
    const value = given[option.name];
    if (!applies(option.when, answers)) refuseIfGiven(option, value, spelling);
    else if (value === undefined) answers[option.name] = await supply(option, ask);
    else answers[option.name] = check(option, value, spelling);
  }
  return answers;
}

/** Checks what was given, and answers nothing else. Throws a UsageError for a value that is not valid. */
export function checkGiven(
  options: readonly Option[],
  given: Answers,
  spelling: Spelling = flagSpelling,
): void {
  for (const option of options) {
    const value = given[option.name];
    if (value !== undefined) check(option, value, spelling);
  }
}

/** The answer of someone who is not asked. */
export function defaultAnswer(option: Option): Answer {
  const value = option.default ?? allowedValues(option)?.[0];
  if (value !== undefined) return value;
  throw new UsageError(`"${option.name}" has no default: add ${flagOf(option, '<value>')}.`);
}

/** What is wrong with an answer, as a sentence; undefined when nothing is. */
export function findFault(
  option: Option,
  value: Answer,
  spelling: Spelling = flagSpelling,
): string | undefined {
  const shown = option.secret ? 'What was given' : `"${String(value)}"`;
  const fault = `${shown} is not a valid value for ${spelling(option)}`;
  const allowed = allowedValues(option);
  if (allowed) {
    return allowed.includes(value) ? undefined : `${fault}. ${validValues(value, allowed)}`;
  }
  if (option.pattern === undefined || matchesPattern(option.pattern, String(value))) return;
  return `${fault}: it must ${option.form === undefined ? `match ${option.pattern}` : `be ${option.form}`}`;
}

async function supply(option: Option, ask: Ask): Promise<Answer> {
  const allowed = allowedValues(option);
  const [only] = allowed?.length === 1 ? allowed : [];
  return only ?? (option.unasked ? defaultAnswer(option) : await ask(option));
}

function check(option: Option, value: Answer, spelling: Spelling): Answer {
  const answer = option.type === 'boolean' ? toBoolean(value) : String(value);
  const fault = findFault(option, answer, spelling);
  if (fault !== undefined) throw new UsageError(fault);
  return answer;
}

/** `--set name=true` and variables are text; flags are booleans already. */
function toBoolean(value: Answer): Answer {
  return value === 'true' ? true : value === 'false' ? false : value;
}

function refuseIfGiven(option: Option, value: Answer | undefined, spelling: Spelling): void {
  if (value === undefined) return;
  const condition = describeCondition(option.when ?? {});
  throw new UsageError(`${spelling(option)} applies only when ${condition}.`);
}

function validValues(value: Answer, allowed: readonly Answer[]): string {
  const values = allowed.map(String);
  return `Valid: ${values.join(', ')}.${didYouMean(String(value), values)}`;
}
