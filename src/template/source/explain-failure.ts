import { TemplateError } from '../../errors.js';

/** What a tool says, and what that means. `$1` and so on stand for what the pattern has found. */
export type Meanings = readonly (readonly [pattern: RegExp, meaning: string])[];

const LAST_LINES = 4;

/** The sentence for what a tool has said: the first meaning that fits, or else its own last lines. */
export function explainFailure(shown: string, said: string, meanings: Meanings): TemplateError {
  for (const [pattern, meaning] of meanings) {
    const found = pattern.exec(said);
    if (!found) continue;
    const filled = meaning.replace(/\$(\d)/g, (_, group: string) => found[Number(group)] ?? '');
    return new TemplateError(`${shown}: ${filled}`);
  }
  const lines = said.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return new TemplateError(
    `${shown}: could not be fetched:\n  ${lines.slice(-LAST_LINES).join('\n  ')}`,
  );
}
