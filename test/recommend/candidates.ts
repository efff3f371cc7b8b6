import type { Answers } from '../../src/options/option.js';
import { OPTIONS } from '../../src/options/table.js';
import type { Candidate } from '../../src/recommend/recommend.js';

/** All that facts are known of, whether there is a template for each yet or not. */
export const CANDIDATES: readonly Candidate[] = [
  { name: 'fastify', title: 'Fastify' },
  { name: 'express', title: 'Express' },
  { name: 'nestjs', title: 'NestJS' },
  { name: 'hono', title: 'Hono' },
];

export const REQUIREMENTS = OPTIONS.filter((option) => option.scope === 'requirement');

export const DEFAULTS: Answers = Object.fromEntries(
  REQUIREMENTS.map((option) => [option.name, option.default]),
);

/** Every answer to every requirement, combined. */
export function everySituation(): readonly Answers[] {
  return REQUIREMENTS.reduce<readonly Answers[]>(
    (situations, { name, choices }) =>
      situations.flatMap((situation) =>
        choices.map(({ value }) => ({ ...situation, [name]: value })),
      ),
    [{}],
  );
}
