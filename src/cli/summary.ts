import type { Answer, Choice, Option } from '../options/option.js';
import type { Plan } from '../plan/plan.js';
import type { Question } from './interview.js';
import { quoteCommand } from './quote.js';
import { openAnswers, reproduce } from './reproduce.js';
import type { Template } from '../template/template.js';
import type { Request } from './resolve-request.js';

export const WRITE = 'write';
export const CHANGE = 'change';

/** The last question: what will be written, and how to get it again without questions. */
export function summaryQuestion(request: Request, plan: Plan): Question {
  return {
    name: 'summary',
    type: 'choice',
    label: 'Write it?',
    help: '',
    choices: [
      { value: WRITE, label: 'Write it' },
      { value: CHANGE, label: 'Change something' },
    ],
    preface: () => summarize(request, plan),
  };
}

/**
 * Which of the answers shall be another, of those that were not given before.
 *
 * @param operand the directory, if it was given
 */
export function changeQuestion(request: Request, operand: string | undefined): Question {
  return {
    name: 'change',
    type: 'choice',
    label: 'What should be different?',
    help: '',
    choices: [
      ...(operand === undefined ? [change('directory', 'Directory', request.target.shown)] : []),
      ...frameworkChange(request),
      ...openAnswers(request)
        .filter(({ option }) => request.given[option.name] === undefined)
        .map(({ option, answer }) => change(option.name, option.help, showAnswer(option, answer))),
    ],
  };
}

function change(value: string, label: string, now: string): Choice {
  return { value, label: `${label}: ${now}` };
}

/** Who was advised sees the advice again. */
function frameworkChange({ source, given, recommendation, template }: Request): Choice[] {
  if (source !== undefined || given.framework !== undefined) return [];
  const question = recommendation ? 'recommended-framework' : 'framework';
  return [change(question, 'Framework', titleOf(template))];
}

function titleOf({ manifest }: Template): string {
  return manifest.title ?? manifest.name;
}

function summarize(request: Request, plan: Plan): string {
  const { target, template } = request;
  const rows = [
    ['framework', titleOf(template)],
    ...openAnswers(request).map(({ option, answer }) => [option.name, showAnswer(option, answer)]),
  ];
  const width = Math.max(...rows.map(([name = '']) => name.length));
  return [
    `${plan.files.length} files in ${target.shown}:`,
    ...rows.map(([name = '', shown = '']) => `  ${name.padEnd(width)}  ${shown}`),
    '',
    'The same again, without questions:',
    quoteCommand(reproduce(request)),
  ].join('\n');
}

function showAnswer({ choices }: Option, answer: Answer): string {
  if (typeof answer === 'boolean') return answer ? 'yes' : 'no';
  return choices?.find(({ value }) => value === answer)?.label ?? answer;
}
