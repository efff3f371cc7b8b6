import { answersSchema } from '../options/answers-schema.js';
import { offeredOptions } from '../options/offered-options.js';
import type { Arguments } from './parse-arguments.js';
import type { World } from './run.js';

/** Prints the schema of a file for `--config`. */
export function schema(_typed: Arguments, { builtIns, output }: World): void {
  const value = answersSchema(offeredOptions(builtIns.catalog));
  if (!output.json) output.print(JSON.stringify(value, null, 2));
  output.data(value);
}
