import { answerOptions, findFault } from '../../options/answer-options.js';
import { allowedValues, type Answer, type Answers, type Option } from '../../options/option.js';

/** Answers that every part of a template applies to at least once, if it can: defaults, each other answer in turn, and the examples. */
export async function sampleAnswers(
  options: readonly Option[],
  examples: readonly Answers[],
): Promise<readonly Answers[]> {
  const variations = options.flatMap((option) =>
    (allowedValues(option) ?? []).map((value) => ({
      ...opening(option, options),
      [option.name]: value,
    })),
  );
  const wishes = [{}, ...variations, ...examples];
  const samples = await Promise.all(wishes.map((wish) => complete(options, wish, examples)));
  return [...new Map(samples.map((answers) => [JSON.stringify(answers), answers])).values()];
}

/** What has to be answered before an option is asked: only of what is asked before it, or a circle would have no end. */
function opening(option: Option, options: readonly Option[]): Answers {
  const earlier = options.slice(0, options.indexOf(option));
  const conditions = Object.entries(option.when ?? {}).map(([name, wanted]) => {
    const before = earlier.find((other) => other.name === name);
    return { ...(before ? opening(before, earlier) : {}), [name]: [wanted].flat()[0] ?? '' };
  });
  return Object.assign({}, ...conditions) as Answers;
}

function complete(
  options: readonly Option[],
  wish: Answers,
  examples: readonly Answers[],
): Promise<Answers> {
  return answerOptions(options, {}, (option) => wish[option.name] ?? sample(option, examples));
}

/** An answer without a default is one that an example gives, or any text that will do. */
function sample(option: Option, examples: readonly Answers[]): Answer {
  const given = examples.map((example) => example[option.name]);
  const candidates = [
    option.default,
    ...given,
    allowedValues(option)?.[0],
    'sample',
    'Sample 1',
    '1',
  ];
  const fitting = candidates.find(
    (candidate) => candidate !== undefined && findFault(option, candidate) === undefined,
  );
  return fitting ?? '';
}
