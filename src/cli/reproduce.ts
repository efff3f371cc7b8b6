import {
  allowedValues,
  wordsOf,
  type Answer,
  type Answers,
  type Option,
} from '../options/option.js';
import type { Command } from '../plan/plan.js';
import { VERSION } from '../version.js';
import type { Request } from './resolve-request.js';

/** What to type to get the same project again, from the same version and without a question. */
export function reproduce(request: Request): Command {
  const { target, template } = request;
  const source = request.source
    ? ['--template', request.source.pinned, ...trust(request.source.digests)]
    : ['--framework', template.origin];
  const flags = openAnswers(request).flatMap(({ option, answer }) => wordsOf(option, answer));
  return ['npx', `create-ai-backend@${VERSION}`, target.shown, ...source, ...flags, '--yes'];
}

function trust(digests: readonly string[]): readonly string[] {
  return digests.length === 0 ? [] : ['--trust', digests.join(',')];
}

interface OpenAnswer {
  readonly option: Option;
  readonly answer: Answer;
}

/** The answers that could have been others. What nobody is asked is among them only where it was said; secrets never. */
export function openAnswers(request: Request): OpenAnswer[] {
  const { options, answers, git, install, verify } = request;
  const all: Answers = { ...answers, git, install, verify };
  return options.flatMap((option) => {
    const answer = all[option.name];
    const isSettled = allowedValues(option)?.length === 1;
    const isUnsaid = option.unasked === true && answer === option.default;
    return answer === undefined || isSettled || isUnsaid || option.secret
      ? []
      : [{ option, answer }];
  });
}
