import { describe, expect, it } from 'vitest';
import type { Answers } from '../../src/options/option.js';
import { assess } from '../../src/recommend/assess.js';
import { CRITERIA, FACTS, type CriterionName } from '../../src/recommend/knowledge.js';
import { NOT_MEASURED, type Measurements } from '../../src/recommend/measurements.js';
import { rank } from '../../src/recommend/rank.js';
import { recommend } from '../../src/recommend/recommend.js';
import { weigh } from '../../src/recommend/weigh.js';
import { FRAMEWORKS } from '../support/frameworks.js';
import { CANDIDATES, DEFAULTS, everySituation, REQUIREMENTS } from './candidates.js';
import { MEASURED } from './measured.js';

/** A few hundred situations, spread over all. */
const situations = everySituation().filter((_, index) => index % 37 === 0);
const criteria = Object.keys(CRITERIA) as CriterionName[];
const names = CANDIDATES.map(({ name }) => name);

const reversed = (answers: Answers): Answers =>
  Object.fromEntries(Object.entries(answers).reverse());

describe.each<[string, Measurements]>([
  ['opinions', NOT_MEASURED],
  ['figures', MEASURED],
])('a recommendation that rests on %s', (_, measurements) => {
  it('lets every framework win somewhere', () => {
    const winners = situations.map(
      (situation) => recommend(situation, CANDIDATES, measurements).ranking[0]?.name,
    );
    expect([...new Set(winners)].sort()).toEqual([...names].sort());
  });

  it('does not depend on the order of answers, nor of candidates', () => {
    for (const situation of situations) {
      expect(recommend(reversed(situation), CANDIDATES.toReversed(), measurements)).toEqual(
        recommend(situation, CANDIDATES, measurements),
      );
    }
  });

  it('never lowers the best by a criterion when that counts for more', () => {
    const assessed = names.map((name) => ({
      name,
      assessments: assess(name, names, measurements),
    }));
    for (const criterion of criteria) {
      const scoreOf = (name: string) =>
        assessed
          .find((each) => each.name === name)
          ?.assessments.find((each) => each.criterion === criterion)?.score ?? 0;
      const best = Math.max(...names.map(scoreOf));
      for (const situation of situations) {
        const weights = weigh(situation);
        const more = { ...weights, [criterion]: (weights[criterion] ?? 0) + 1 };
        const before = rank(assessed, weights).map(({ name }) => name);
        const after = rank(assessed, more).map(({ name }) => name);
        for (const name of names.filter((each) => scoreOf(each) === best)) {
          expect(betterBy(scoreOf, name, after)).toBeLessThanOrEqual(
            betterBy(scoreOf, name, before),
          );
        }
      }
    }
  });
});

/** How many that are worse by the criterion stand above. */
function betterBy(scoreOf: (name: string) => number, name: string, ranking: readonly string[]) {
  const above = ranking.slice(0, ranking.indexOf(name));
  return above.filter((each) => scoreOf(each) < scoreOf(name)).length;
}

describe('what is known', () => {
  it('says something of every framework that there is a template for', () => {
    expect(Object.keys(FACTS)).toEqual(expect.arrayContaining([...FRAMEWORKS]));
  });

  it('lets every answer and every criterion count for something', () => {
    const counted = new Set<string>();
    for (const { name, choices } of REQUIREMENTS) {
      for (const { value } of choices) {
        const weights = weigh({ [name]: value });
        for (const criterion of Object.keys(weights)) counted.add(criterion);
        expect(value === 'none' || Object.keys(weights).length > 0, `${name} ${value}`).toBe(true);
      }
    }
    expect([...counted].sort()).toEqual([...criteria].sort());
  });

  it('gives scores from 0 to 5, each with a sentence', () => {
    for (const facts of Object.values(FACTS)) {
      for (const [score, because] of Object.values(facts)) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(5);
        expect(because).toMatch(/^[A-Z].*\.$/);
      }
    }
  });

  it('has a framework that is good at each criterion, and one that is not', () => {
    for (const criterion of criteria) {
      const scores = Object.values(FACTS).map((facts) => facts[criterion][0]);
      expect(Math.max(...scores), criterion).toBe(5);
      expect(Math.min(...scores), criterion).toBeLessThan(5);
    }
  });
});

describe('figures', () => {
  const latencyOf = (measurements: Measurements) =>
    recommend(DEFAULTS, CANDIDATES, measurements).ranking.map(({ name, criteria, isMeasured }) => ({
      name,
      isMeasured,
      ...criteria.find(({ criterion }) => criterion === 'latency'),
    }));

  it('take the place of opinions, and are told with how they compare', () => {
    expect(latencyOf(MEASURED)).toContainEqual(
      expect.objectContaining({
        name: 'express',
        isMeasured: true,
        score: 4,
        because: '1.2 ms of its own until the first byte of a stream: 1.20 × the least.',
        figure: { name: 'firstByteMs', value: 1.2 },
      }),
    );
  });

  it('count only where every candidate has them; who has none is said to have none', () => {
    const { hono: _left, ...frameworks } = MEASURED.frameworks;
    const latency = latencyOf({ ...MEASURED, frameworks });
    expect(latency.every(({ figure }) => figure === undefined)).toBe(true);
    expect(latency.filter(({ isMeasured }) => !isMeasured).map(({ name }) => name)).toEqual([
      'hono',
    ]);
  });

  it('are told with how they were measured', () => {
    expect(recommend(DEFAULTS, CANDIDATES, MEASURED).measured).toContain(
      'median of 5 rounds of 3 s',
    );
    expect(recommend(DEFAULTS, CANDIDATES, NOT_MEASURED).measured).toBeNull();
  });
});

describe('a choice of one', () => {
  it('is said to be none', () => {
    const { verdict, summary } = recommend(DEFAULTS, CANDIDATES.slice(0, 1), NOT_MEASURED);
    expect({ verdict, summary }).toEqual({
      verdict: 'only',
      summary: 'Fastify is the only one to choose from.',
    });
  });
});
