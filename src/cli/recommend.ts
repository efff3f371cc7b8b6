import { answerOptions, defaultAnswer } from '../options/answer-options.js';
import { flagOf, type Answers } from '../options/option.js';
import { pickRequirements, REQUIREMENTS } from '../options/requirements.js';
import { recommend as recommendFramework } from '../recommend/recommend.js';
import { VERSION } from '../version.js';
import { describeRecommendation } from './describe-recommendation.js';
import { conduct, openInterview } from './interview.js';
import type { Arguments } from './parse-arguments.js';
import type { World } from './run.js';
import { canAsk } from './terminal.js';

const MAX_WIDTH = 100;

/** Says which framework fits, and why. Asks about requirements where none is given and somebody is there to answer. */
export async function recommend(typed: Arguments, world: World): Promise<void> {
  const { builtIns, output } = world;
  const requirements = await findRequirements(typed, world);
  const recommendation = recommendFramework(
    requirements,
    builtIns.catalog,
    builtIns.measurements(),
  );
  output.print(describeRecommendation(recommendation, Math.min(output.width(), MAX_WIDTH)));
  output.print(`\nRests on: ${spell(requirements)}`);
  output.data({ version: VERSION, ...recommendation });
}

async function findRequirements(typed: Arguments, world: World): Promise<Answers> {
  const given = pickRequirements(typed.answers);
  const isSilent = typed.json || Object.keys(given).length > 0 || !canAsk(world.environment);
  if (isSilent) return answerOptions(REQUIREMENTS, given, defaultAnswer, typed.spelling);
  return conduct(await openInterview(world), (interview) =>
    answerOptions(REQUIREMENTS, given, (option) => interview.ask(option)),
  );
}

/** The flags that give the same recommendation again. */
function spell(requirements: Answers): string {
  return REQUIREMENTS.map((option) => flagOf(option, requirements[option.name] ?? '')).join(' ');
}
