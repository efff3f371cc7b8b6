import { UsageError } from '../errors.js';
import { answerOptions, defaultAnswer } from '../options/answer-options.js';
import { offeredOptions } from '../options/offered-options.js';
import type { Answers, Option } from '../options/option.js';
import { pickRequirements, REQUIREMENTS } from '../options/requirements.js';
import type { Spelling } from '../options/source.js';
import type { Recommendation } from '../recommend/recommend.js';
import type { BuiltIns } from '../template/built-in.js';
import type { Asker, Question } from './interview.js';

/** A framework, and what led to it. */
export interface FrameworkChoice {
  readonly framework: string;
  /** Absent where the framework was named. */
  readonly recommendation?: Recommendation;
}

export interface Advisers {
  readonly builtIns: BuiltIns;
  /** Absent when nobody can be asked. */
  readonly asker: Asker | undefined;
}

/** In the place of a framework: the person would rather be asked about requirements. */
const ADVICE = 'advice';

/** Named, picked, or recommended from requirements. Throws a UsageError for a framework together with requirements. */
export async function chooseFramework(
  given: Answers,
  spelling: Spelling,
  advisers: Advisers,
): Promise<FrameworkChoice> {
  const question = frameworkQuestion(advisers.builtIns);
  if (given.framework !== undefined) {
    refuseRequirements('framework', given, spelling);
    const { framework } = await answerOptions([question], given, defaultAnswer, spelling);
    return { framework: String(framework) };
  }
  const requirements = pickRequirements(given);
  if (Object.keys(requirements).length === 0) {
    const picked = await pick(question, advisers.asker);
    if (picked !== ADVICE) return { framework: picked };
  }
  return beAdvised(requirements, spelling, advisers);
}

/** Throws a UsageError when there are requirements although another answer settles the framework. */
export function refuseRequirements(settledBy: string, given: Answers, spelling: Spelling): void {
  const [stated] = Object.keys(pickRequirements(given));
  if (stated === undefined) return;
  throw new UsageError(
    `${spelling({ name: settledBy })} and ${spelling({ name: stated })} exclude each other: requirements are what a framework is chosen from. Leave out one of them.`,
  );
}

function frameworkQuestion({ catalog }: BuiltIns): Option {
  const [framework] = offeredOptions(catalog).filter(({ name }) => name === 'framework');
  if (!framework?.choices?.length) throw new UsageError('This package holds no template.');
  return { ...framework, type: 'choice' };
}

async function pick(question: Option, asker: Asker | undefined): Promise<string> {
  if (!asker) return String(defaultAnswer(question));
  const advice = { value: ADVICE, label: 'Help me choose', hint: 'by what you need' };
  const choices = [advice, ...(question.choices ?? [])];
  return String(await asker.ask({ ...question, choices, default: ADVICE }));
}

async function beAdvised(
  given: Answers,
  spelling: Spelling,
  { builtIns, asker }: Advisers,
): Promise<FrameworkChoice> {
  const requirements = await answerOptions(
    REQUIREMENTS,
    given,
    asker ? (option) => asker.ask(option) : defaultAnswer,
    spelling,
  );
  const { recommend } = await import('../recommend/recommend.js');
  const recommendation = recommend(requirements, builtIns.catalog, builtIns.measurements());
  const [best = ''] = recommendation.recommended;
  if (!asker) return { framework: best, recommendation };
  const framework = await asker.ask(adviceQuestion(recommendation));
  return { framework: String(framework), recommendation };
}

function adviceQuestion(recommendation: Recommendation): Question {
  const { ranking, recommended } = recommendation;
  return {
    name: 'recommended-framework',
    type: 'choice',
    label: `Which one will it be? ${recommendation.summary}`,
    help: '',
    preface: async (width) => {
      const { describeRecommendation } = await import('./describe-recommendation.js');
      return describeRecommendation(recommendation, width);
    },
    choices: ranking.map(({ name, title }) => ({
      value: name,
      label: title,
      ...(recommended.includes(name) ? { hint: 'recommended' } : {}),
    })),
  };
}
