/** Who wins, and how sure that is. */
export interface Decision {
  readonly verdict: 'clear' | 'narrow' | 'tie' | 'only';
  /** The one to take; in a tie all that are as good. */
  readonly recommended: readonly string[];
  /** The verdict as a sentence. */
  readonly summary: string;
}

interface Ranked {
  readonly name: string;
  readonly title: string;
  readonly score: number;
}

/** Scores that are less apart say nothing. */
const TIE = 0.1;
/** Scores that are less apart could be turned round by one more weight. */
const NARROW = 0.3;

/** @param ranking best first, at least one */
export function decide(ranking: readonly Ranked[]): Decision {
  const [first, second] = ranking;
  if (first === undefined) throw new Error('There is nothing to choose from.');
  if (second === undefined) {
    return decision('only', [first], `${first.title} is the only one to choose from.`);
  }
  const apart = first.score - second.score;
  if (apart < TIE) {
    const tied = ranking.filter(({ score }) => first.score - score < TIE);
    return decision('tie', tied, `${listTitles(tied)} come out equal: take the one that you like.`);
  }
  if (apart < NARROW) {
    const summary = `${first.title}, by a narrow margin over ${second.title}: neither would be a mistake.`;
    return decision('narrow', [first], summary);
  }
  return decision('clear', [first], `${first.title}, clearly ahead of ${second.title}.`);
}

function decision(
  verdict: Decision['verdict'],
  recommended: readonly Ranked[],
  summary: string,
): Decision {
  return { verdict, recommended: recommended.map(({ name }) => name), summary };
}

/** `A, B and C` */
function listTitles(ranked: readonly Ranked[]): string {
  const titles = ranked.map(({ title }) => title);
  return [titles.slice(0, -1).join(', '), titles.at(-1)].join(' and ');
}
