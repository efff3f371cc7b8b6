import type { Schema } from '../template/check-schema.js';
import { isAnswer, type GeneratorOption } from './table.js';

interface AnswerSchema extends Schema {
  readonly description: string;
  readonly default?: unknown;
}

/** The JSON Schema of a file for `--config`: a key for each option that is an answer. */
export interface AnswersSchema extends Schema {
  readonly $schema: string;
  readonly title: string;
  readonly description: string;
  readonly properties: Readonly<Record<string, Schema>>;
  readonly not: Schema;
}

/** @param options the ones that are offered: values that no template has are left out */
export function answersSchema(options: readonly GeneratorOption[]): AnswersSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Answers for create-ai-backend',
    description: 'A file for --config. What is left out takes its default, or is asked.',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      ...Object.fromEntries(
        options.filter(isAnswer).map((option) => [option.name, answerSchema(option)]),
      ),
    },
    additionalProperties: false,
    not: { required: ['framework', 'template'] },
  };
}

function answerSchema(option: GeneratorOption): AnswerSchema {
  const { help: description, choices, pattern } = option;
  const fallback = option.defaultHelp === undefined ? option.default : undefined;
  return {
    description,
    ...TYPES[option.type],
    ...(choices ? { enum: choices.map(({ value }) => value) } : {}),
    ...(pattern === undefined ? {} : { pattern }),
    ...(fallback === undefined ? {} : { default: fallback }),
  };
}

const TYPES: Readonly<Record<GeneratorOption['type'], Schema>> = {
  boolean: { type: 'boolean' },
  choice: { type: 'string' },
  string: { type: 'string', minLength: 1 },
  list: { type: 'object', additionalProperties: { type: ['string', 'boolean'] } },
};
