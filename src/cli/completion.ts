import { UsageError } from '../errors.js';
import { SHELLS } from '../options/commands.js';
import { didYouMean } from '../options/nearest.js';
import { offeredOptions } from '../options/offered-options.js';
import { completeInBash } from './completion/bash.js';
import { completeInFish } from './completion/fish.js';
import { describeWords, type Words } from './completion/words.js';
import { completeInZsh } from './completion/zsh.js';
import type { Arguments } from './parse-arguments.js';
import type { World } from './run.js';

const COMPLETE: Readonly<Record<(typeof SHELLS)[number], (words: Words) => string>> = {
  bash: completeInBash,
  zsh: completeInZsh,
  fish: completeInFish,
};

/** Prints what makes a shell complete this program's commands, options and values. */
export function completion({ operand }: Arguments, { builtIns, output }: World): void {
  const shell = SHELLS.find((name) => name === operand);
  if (shell === undefined) throw new UsageError(missingShell(operand));
  const script = COMPLETE[shell](describeWords(offeredOptions(builtIns.catalog)));
  if (!output.json) output.print(script);
  output.data({ shell, script });
}

function missingShell(typed: string | undefined): string {
  if (typed === undefined) {
    return `Name the shell: create-ai-backend completion ${SHELLS.join('|')}.`;
  }
  return `There is no completion for "${typed}". Shells: ${SHELLS.join(', ')}.${didYouMean(typed, SHELLS)}`;
}
