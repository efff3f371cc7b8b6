import type { Assessment } from './assess.js';
import type { Weights } from './knowledge.js';

export interface Assessed {
  readonly name: string;
  readonly assessments: readonly Pick<Assessment, 'criterion' | 'score'>[];
}

/** The mean of scores, each counted by its weight: 0 to 5. Where nothing counts it is 0. */
export function total(assessments: Assessed['assessments'], weights: Weights): number {
  let sum = 0;
  let weight = 0;
  for (const { criterion, score } of assessments) {
    sum += score * (weights[criterion] ?? 0);
    weight += weights[criterion] ?? 0;
  }
  return weight === 0 ? 0 : sum / weight;
}

/** Best first; those that are equal in the order of the alphabet. */
export function rank<Each extends Assessed>(candidates: readonly Each[], weights: Weights): Each[] {
  return candidates.toSorted(
    (a, b) =>
      total(b.assessments, weights) - total(a.assessments, weights) || (a.name < b.name ? -1 : 1),
  );
}
