import { findFault } from '../../options/answer-options.js';
import {
  allowedValues,
  applies,
  type Answer,
  type Answers,
  type Option,
} from '../../options/option.js';
import { findConditionFaults } from '../check-conditions.js';
import type { Fault } from '../check-schema.js';
import { questionsOf } from '../lineage.js';
import type { Template } from '../template.js';

/** Examples of which no project can be made: an answer is not valid, not asked for, or missing. */
export function findFaultyExamples(template: Template): Fault[] {
  const told = findConditionFaults(template).map(({ path }) => path.join('.'));
  return Object.entries(template.manifest.examples ?? {}).flatMap(([name, answers]) =>
    findFaultyAnswers(answers, questionsOf(template))
      .map(({ path, message }) => ({ path: ['examples', name, ...path], message }))
      .filter(({ path }) => !told.includes(path.join('.'))),
  );
}

function findFaultyAnswers(given: Answers, options: readonly Option[]): Fault[] {
  const faults: Fault[] = [];
  const answers: Record<string, Answer> = {};
  const isOpen = (name: string): boolean => options.some((option) => option.name === name);
  for (const name of Object.keys(given).filter((each) => !isOpen(each))) {
    const message = `is not asked here. Asked: ${options.map((option) => option.name).join(', ')}`;
    faults.push({ path: [name], message });
  }
  for (const option of options) {
    const { name } = option;
    const answer = given[name] ?? option.default ?? allowedValues(option)?.[0];
    const isGiven = Object.hasOwn(given, name);
    if (!applies(option.when, answers)) {
      if (isGiven)
        faults.push({
          path: [name],
          message: `answers what is asked only when ${conditionOf(option)}`,
        });
    } else if (answer === undefined) {
      faults.push({ path: [], message: `gives no answer to "${name}", which has no default` });
    } else {
      const fault = isGiven && findFault(option, answer, () => `"${name}"`);
      if (fault) faults.push({ path: [name], message: `is wrong: ${fault}` });
      answers[name] = answer;
    }
  }
  return faults;
}

function conditionOf({ when = {} }: Option): string {
  return Object.entries(when)
    .map(([name, wanted]) => `${name} is ${[wanted].flat().join(' or ')}`)
    .join(' and ');
}
