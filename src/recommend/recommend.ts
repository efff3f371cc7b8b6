import { applies, type Answers } from '../options/option.js';
import { assess } from './assess.js';
import { explain, type Explanation } from './explain.js';
import { CAUTIONS, type Weights } from './knowledge.js';
import { describeMachine, type Measurements } from './measurements.js';
import { rank, total } from './rank.js';
import { decide, type Decision } from './decide.js';
import { weigh } from './weigh.js';

/** Something that can be recommended. */
export interface Candidate {
  readonly name: string;
  readonly title: string;
}

export interface Recommendation extends Decision {
  readonly requirements: Answers;
  readonly weights: Weights;
  readonly cautions: readonly string[];
  /** How the figures were measured; null where there are none. */
  readonly measured: string | null;
  /** Best first. */
  readonly ranking: readonly RankedFramework[];
}

export interface RankedFramework extends Candidate, Explanation {
  /** 0 to 5: the mean of its scores, each counted by its weight. */
  readonly score: number;
  /** Whether there are figures of it. */
  readonly isMeasured: boolean;
}

/**
 * Pure: the same requirements, candidates and figures give the same recommendation, in whatever order they come.
 *
 * @param requirements an answer to each requirement; one that is missing counts for nothing
 */
export function recommend(
  requirements: Answers,
  candidates: readonly Candidate[],
  measurements: Measurements,
): Recommendation {
  const weights = weigh(requirements);
  const names = candidates.map(({ name }) => name);
  const assessed = candidates.map((candidate) => ({
    ...candidate,
    assessments: assess(candidate.name, names, measurements),
  }));
  const ranking = rank(assessed, weights).map(({ name, title, assessments }) => ({
    name,
    title,
    score: round(total(assessments, weights)),
    ...explain(assessments, weights),
    isMeasured: name in measurements.frameworks,
  }));
  return {
    ...decide(ranking),
    requirements,
    weights,
    cautions: CAUTIONS.filter(({ when }) => applies(when, requirements)).map(({ text }) => text),
    measured: measurements.machine ? describeMachine(measurements.machine) : null,
    ranking,
  };
}

/** Two digits: what is beyond says nothing. */
function round(score: number): number {
  return Math.round(score * 100) / 100;
}
