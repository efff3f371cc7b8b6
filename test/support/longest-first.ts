import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Test files that take minutes, the longest first. */
const LONG_FILES = [
  'acceptance/fastify',
  'acceptance/nestjs',
  'acceptance/hono',
  'surroundings/lifecycle',
  'acceptance/express',
  'acceptance/house-style',
];

/** Begins with what takes longest: left to the end, one file would keep a single core busy for minutes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  const place = LONG_FILES.findIndex((file) => moduleId.endsWith(`/test/${file}.test.ts`));
  return place < 0 ? LONG_FILES.length : place;
}
