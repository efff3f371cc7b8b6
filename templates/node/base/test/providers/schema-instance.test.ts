import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { instanceOf, type JsonSchema } from '../../src/providers/mock/schema-instance.js';

interface Tree {
  name: string;
  children: Tree[];
}

const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), children: z.array(tree) }));

const ref = { $ref: '#' };

describe('instanceOf', () => {
  it.each([
    ['refers to itself alone', ref],
    ['requires itself', { type: 'object', properties: { a: ref }, required: ['a'] }],
    ['is too large', { type: 'array', minItems: 20_000_000 }],
  ])('refuses a schema that %s', (_what, schema) => {
    expect(() => instanceOf(schema, '')).toThrow('cannot fill');
  });

  it('comes to an end with a schema that may contain itself many times', () => {
    const schema = { type: 'object', properties: { a: ref, b: ref, c: ref, d: ref } };
    expect(instanceOf(schema, '')).toBeTypeOf('object');
  });

  it.each([
    ['text', z.string().min(60)],
    ['short text', z.string().max(2)],
    ['dates and addresses', z.object({ at: z.iso.datetime(), mail: z.email(), link: z.url() })],
    ['numbers within bounds', z.object({ a: z.int().min(3), b: z.number().gt(1).lt(9) })],
    ['lists', z.array(z.object({ id: z.uuid() })).min(3)],
    ['choices', z.object({ kind: z.enum(['x', 'y']), flag: z.boolean(), none: z.null() })],
    ['unions', z.union([z.object({ a: z.literal(1) }), z.string()])],
    ['intersections', z.object({ a: z.string() }).and(z.object({ b: z.number() }))],
    ['recursion', tree],
  ])('fits a schema with %s', (_what, schema) => {
    const instance = instanceOf(z.toJSONSchema(schema) as JsonSchema, 'Echo: hello');
    expect(schema.safeParse(instance).error).toBeUndefined();
  });
});
