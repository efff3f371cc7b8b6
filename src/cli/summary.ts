import type { Answer, Answers, Option } from '../options/option.js';
import type { Plan } from '../plan/plan.js';
import type { Question } from './interview.js';
import { quoteCommand } from './quote.js';
import { leavesAChoice, reproduce } from './reproduce.js';
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

/** Which of the answers that were not given by flags shall be another. */
export function changeQuestion(request: Request, given: Answers): Question {
  return {
    name: 'change',
    type: 'choice',
    label: 'What should be different?',
    help: '',
    choices: changeable(request, given),
  };
}

function changeable(request: Request, given: Answers): NonNullable<Question['choices']> {
  const { folder, recommendation, target, template } = request;
  const framework = {
    name: recommendation ? 'recommended-framework' : 'framework',
    label: 'Framework',
    now: template.manifest.title ?? template.manifest.name,
  };
  return [
    { name: 'directory', label: 'Directory', now: target.shown },
    ...(folder === undefined && given.framework === undefined ? [framework] : []),
    ...openAnswers(request).map(({ option, answer }) => ({
      name: option.name,
      label: option.help,
      now: showAnswer(option, answer),
    })),
  ]
    .filter(({ name }) => given[name] === undefined)
    .map(({ name, label, now }) => ({ value: name, label: `${label}: ${now}` }));
}

function summarize(request: Request, plan: Plan): string {
  const { target, template } = request;
  const rows = [
    ['framework', template.manifest.title ?? template.manifest.name],
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

interface OpenAnswer {
  readonly option: Option;
  readonly answer: Answer;
}

function openAnswers({ options, answers, git, install }: Request): OpenAnswer[] {
  const given: Answers = { ...answers, git, install };
  return options.filter(leavesAChoice).flatMap((option) => {
    const answer = given[option.name];
    return answer === undefined ? [] : [{ option, answer }];
  });
}

function showAnswer({ choices }: Option, answer: Answer): string {
  if (typeof answer === 'boolean') return answer ? 'yes' : 'no';
  return choices?.find(({ value }) => value === answer)?.label ?? answer;
}
