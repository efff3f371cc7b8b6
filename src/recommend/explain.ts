import type { Assessment } from './assess.js';
import { CRITERIA, type Weights } from './knowledge.js';

export interface Explanation {
  /** What was compared, weightiest first. */
  readonly criteria: readonly Weighed[];
  /** Sentences, weightiest first. */
  readonly for: readonly string[];
  readonly against: readonly string[];
}

/** How a framework does by what counts. */
export interface Weighed extends Assessment {
  readonly label: string;
  readonly weight: number;
}

const SPEAKS_FOR = 4;
const SPEAKS_AGAINST = 2;

export function explain(assessments: readonly Assessment[], weights: Weights): Explanation {
  const criteria = assessments
    .map((assessment) => ({
      ...assessment,
      label: CRITERIA[assessment.criterion].label,
      weight: weights[assessment.criterion] ?? 0,
    }))
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return {
    criteria,
    for: criteria.filter(({ score }) => score >= SPEAKS_FOR).map(toReason),
    against: criteria.filter(({ score }) => score <= SPEAKS_AGAINST).map(toReason),
  };
}

/** `Memory: 84 MB of memory after load: the least.` */
function toReason({ label, because }: Weighed): string {
  return `${label[0]?.toUpperCase() ?? ''}${label.slice(1)}: ${because}`;
}
