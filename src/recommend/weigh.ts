import type { Answers } from '../options/option.js';
import { CRITERIA, WEIGHTS, type CriterionName, type Weights } from './knowledge.js';

const NAMES = Object.keys(CRITERIA) as readonly CriterionName[];

/** What the requirements make count: the weights of all answers, added up. Independent of the order of the answers. */
export function weigh(requirements: Answers): Weights {
  const byAnswer: Readonly<Record<string, Readonly<Record<string, Weights>>>> = WEIGHTS;
  const counted = Object.entries(requirements).map(
    ([name, answer]) => byAnswer[name]?.[String(answer)] ?? {},
  );
  const sums = NAMES.map(
    (name) => [name, counted.reduce((sum, weights) => sum + (weights[name] ?? 0), 0)] as const,
  );
  return Object.fromEntries(sums.filter(([, weight]) => weight > 0));
}
