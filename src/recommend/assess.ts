import { CRITERIA, FACTS, type Criterion, type CriterionName } from './knowledge.js';
import { figureOf, type Measurements } from './measurements.js';

/** How a framework does by a criterion, and why. */
export interface Assessment {
  readonly criterion: CriterionName;
  /** 0 to 5. */
  readonly score: number;
  readonly because: string;
  /** The figure that the score was taken from. */
  readonly figure?: { readonly name: string; readonly value: number };
}

const BEST = 5;
const WORST = 0;
/** Each fifth that a framework takes more than the least costs a point. */
const POINT = 0.2;

/**
 * How a framework does among others by every criterion, in the order of the criteria. Figures count where all of them
 * have one: to compare a figure with an opinion would be neither.
 */
export function assess(
  framework: string,
  among: readonly string[],
  measurements: Measurements,
): readonly Assessment[] {
  return (Object.entries(CRITERIA) as [CriterionName, Criterion][]).map(([name, criterion]) => {
    const figures = among.map((each) => figureOf(measurements, each, criterion.figure));
    const own = figureOf(measurements, framework, criterion.figure);
    const all = figures.filter((figure) => figure !== undefined);
    if (own === undefined || all.length < among.length) return judge(framework, name);
    return measure(name, criterion, own, Math.min(...all));
  });
}

function judge(framework: string, criterion: CriterionName): Assessment {
  const [score, because] = FACTS[framework]?.[criterion] ?? [WORST, 'Nothing is known of it.'];
  return { criterion, score, because };
}

function measure(
  criterion: CriterionName,
  { figure = '', unit = '' }: Criterion,
  own: number,
  least: number,
): Assessment {
  const times = own / least;
  const compared = times === 1 ? 'the least' : `${times.toFixed(2)} × the least`;
  return {
    criterion,
    score: Math.max(WORST, BEST - (times - 1) / POINT),
    because: `${own} ${unit}: ${compared}.`,
    figure: { name: figure, value: own },
  };
}
