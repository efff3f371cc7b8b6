import { confirm, intro, log, password, select, text } from '@clack/prompts';
import wrap from './ascii-text/wrap-ansi.js';
import { defaultAnswer, findFault } from '../options/answer-options.js';
import { allowedValues, type Answer, type Option } from '../options/option.js';
import type { Question } from './interview.js';
import { BACK, CANCELLED, type Reply } from './reply.js';

/** Of the line at the left of everything. */
const GUIDE_WIDTH = 3;

export function greet(version: string): void {
  intro(`create-ai-backend ${version}`);
  const keys = 'Enter takes what is marked, Escape goes back, Ctrl-C leaves.';
  log.message(wrap(keys, process.stdout.columns - GUIDE_WIDTH), { spacing: 0 });
}

/**
 * Asks in the way in which the type of the question is asked for.
 *
 * @param initial what is marked; the question's default when it is not given
 */
export async function put(
  { preface, ...question }: Question,
  initial?: Answer,
): Promise<Reply<Answer>> {
  if (preface) log.message(await preface(process.stdout.columns), { withGuide: false });
  return withEscape(() => PROMPTS[question.type](question, initial));
}

/** The library takes Escape for Ctrl-C: which one it was, the last key tells. */
async function withEscape(prompt: () => Promise<Answer | symbol>): Promise<Reply<Answer>> {
  let last: string | undefined;
  const remember = (_character: unknown, key: { readonly name?: string }): void => {
    last = key.name;
  };
  process.stdin.on('keypress', remember);
  const reply = await prompt().finally(() => process.stdin.off('keypress', remember));
  if (typeof reply !== 'symbol') return reply;
  return last === 'escape' ? BACK : CANCELLED;
}

type Prompt = (question: Question, initial?: Answer) => Promise<Answer | symbol>;

const PROMPTS: Readonly<Record<Option['type'], Prompt>> = {
  choice: (question, initial = defaultAnswer(question)) =>
    select<string>({
      message: question.label,
      options: (question.choices ?? []).map(({ value, label, hint }) => ({
        value,
        label,
        ...(hint === undefined ? {} : { hint }),
      })),
      initialValue: String(initial),
      showInstructions: false,
    }),
  boolean: (question, initial = question.default ?? allowedValues(question)?.[0]) =>
    confirm({ message: question.label, initialValue: initial === true }),
  string: (question, initial) =>
    question.secret
      ? putSecret(question)
      : text({
          message: question.label,
          ...(question.default === undefined
            ? {}
            : { placeholder: String(question.default), defaultValue: String(question.default) }),
          ...(initial === undefined ? {} : { initialValue: String(initial) }),
          validate: (typed) =>
            findTextFault(question, (typed ?? '') || String(question.default ?? '')),
        }),
};

/** What was typed before is not put into the line again. */
function putSecret(question: Question): Promise<string | symbol> {
  return password({
    message: question.label,
    validate: (typed) => findTextFault(question, typed ?? ''),
  });
}

function findTextFault(question: Question, typed: string): string | undefined {
  return findFault(question, typed) ?? question.findFault?.(typed);
}
