import { createInterface } from 'node:readline';
import { defaultAnswer, findFault } from '../options/answer-options.js';
import { allowedValues, type Answer, type Option } from '../options/option.js';
import type { Question } from './interview.js';
import { write } from './output.js';
import { BACK, CANCELLED, type Reply } from './reply.js';

/**
 * Questions line by line, for screen readers and terminals that cannot move the cursor: what was printed stays as it is,
 * and a line that is typed is the answer.
 */
export function greet(version: string): void {
  write(
    1,
    `create-ai-backend ${version}\nEnter takes what is in brackets, < goes back, Ctrl-C leaves.\n`,
  );
}

/** @param initial what Enter takes; the question's default when it is not given */
export async function put(
  { preface, ...question }: Question,
  initial?: Answer,
): Promise<Reply<Answer>> {
  if (question.secret) {
    const { put: putUnseen } = await import('./prompts.js');
    return putUnseen(question, initial);
  }
  if (preface) write(1, `\n${await preface(WIDTH)}\n`);
  const usual = initial ?? findDefault(question);
  write(1, `\n${question.label}\n${listChoices(question)}`);
  for (;;) {
    write(
      1,
      `${HINTS[question.type]}${usual === undefined ? '' : ` [${show(question, usual)}]`}: `,
    );
    const line = await readLine();
    if (line === undefined) return CANCELLED;
    if (line === '<') return BACK;
    const answer = line === '' && usual !== undefined ? usual : READ[question.type](question, line);
    const fault = findFault(question, answer) ?? question.findFault?.(String(answer));
    if (fault === undefined) return answer;
    write(1, `${fault}\n`);
  }
}

const WIDTH = 80;

const HINTS: Readonly<Record<Option['type'], string>> = {
  choice: 'Number or name',
  boolean: 'yes or no',
  string: 'Answer',
};

const READ: Readonly<Record<Option['type'], (question: Question, line: string) => Answer>> = {
  choice: ({ choices = [] }, line) => choices[Number(line) - 1]?.value ?? line,
  boolean: (_question, line) =>
    /^y(es)?$/i.test(line) ? true : /^no?$/i.test(line) ? false : line,
  string: (_question, line) => line,
};

function listChoices({ choices = [] }: Question): string {
  return choices
    .map(({ label, hint }, index) => `  ${index + 1}. ${label}${hint ? ` (${hint})` : ''}\n`)
    .join('');
}

/** A choice by its number. */
function show({ choices }: Question, answer: Answer): string {
  if (typeof answer === 'boolean') return answer ? 'yes' : 'no';
  return choices ? String(choices.findIndex(({ value }) => value === answer) + 1) : answer;
}

function findDefault(question: Question): Answer | undefined {
  const isOpen = question.default === undefined && allowedValues(question) === undefined;
  return isOpen ? undefined : defaultAnswer(question);
}

let lines: AsyncIterator<string> | undefined;

/** Undefined at the end of the input. The terminal itself edits the line, as it does for other programs. */
async function readLine(): Promise<string | undefined> {
  lines ??= createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
  const next = await lines.next();
  return next.done ? undefined : next.value.trim();
}
