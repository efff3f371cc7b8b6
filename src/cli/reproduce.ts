import { allowedValues, wordsOf, type Answers, type Option } from '../options/option.js';
import type { Command } from '../plan/plan.js';
import { VERSION } from '../version.js';
import type { Request } from './resolve-request.js';

/** What to type to get the same project again, from the same version and without a question. */
export function reproduce(request: Request): Command {
  const { target, template, folder, answers, git, install } = request;
  const source = folder === undefined ? ['--framework', template.origin] : ['--template', folder];
  const given: Answers = { ...answers, git, install };
  const flags = request.options.flatMap((option) => {
    const answer = given[option.name];
    return answer === undefined || !leavesAChoice(option) ? [] : wordsOf(option, answer);
  });
  return ['npx', `create-ai-backend@${VERSION}`, target.shown, ...source, ...flags, '--yes'];
}

export function leavesAChoice(option: Option): boolean {
  return (allowedValues(option)?.length ?? Infinity) > 1;
}
