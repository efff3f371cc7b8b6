import { answersSchema } from '../options/answers-schema.js';
import { UsageError } from '../errors.js';
import { SCHEMAS } from '../options/commands.js';
import { didYouMean } from '../options/nearest.js';
import registrySchema from '../template/source/registry.schema.json' with { type: 'json' };
import templateSchema from '../template/template.schema.json' with { type: 'json' };
import { offeredOptions } from '../options/offered-options.js';
import type { Arguments } from './parse-arguments.js';
import type { World } from './run.js';

type Subject = (typeof SCHEMAS)[number];

/** Prints the JSON Schema of something that is written by hand. */
export function schema({ operand }: Arguments, { builtIns, output }: World): void {
  const subject = SCHEMAS.find((each) => each === (operand ?? 'answers'));
  if (subject === undefined) {
    throw new UsageError(
      `There is no schema of "${String(operand)}". Valid: ${SCHEMAS.join(', ')}.${didYouMean(String(operand), SCHEMAS)}`,
    );
  }
  const schemas: Readonly<Record<Subject, object>> = {
    answers: answersSchema(offeredOptions(builtIns.catalog)),
    template: templateSchema,
    registry: registrySchema,
  };
  const value = schemas[subject];
  if (!output.json) output.print(JSON.stringify(value, null, 2));
  output.data(value);
}
