import { upstreamFailure, type UpstreamError } from '../upstream-error.js';

/** The keywords of JSON Schema that decide what an instance looks like. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema | boolean;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly format?: string;
  readonly [keyword: string]: unknown;
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2000-01-01T00:00:00Z',
  date: '2000-01-01',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'user@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/** Below it only what a schema requires is made: schemas may contain themselves. */
const MAX_OPTIONAL_DEPTH = 5;
const MAX_DEPTH = 100;
const MAX_PARTS = 3_000;
const MAX_TEXT_LENGTH = 100_000;

/**
 * @param text stands wherever the schema lets any string stand
 * @throws {UpstreamError} 400 for a schema whose instances are too large, or without end
 */
export function instanceOf(schema: JsonSchema, text: string): unknown {
  return instance(schema, { root: schema, text, depth: 0, parts: { made: 0 } });
}

interface Context {
  readonly root: JsonSchema;
  readonly text: string;
  readonly depth: number;
  readonly parts: { made: number };
}

type Maker = (schema: JsonSchema, context: Context) => unknown;

const MAKERS: Readonly<Record<string, Maker>> = {
  object: makeObject,
  array: makeArray,
  string: makeString,
  number: makeNumber,
  integer: makeNumber,
  boolean: () => true,
  null: () => null,
};

function instance(schema: JsonSchema, context: Context): unknown {
  context.parts.made += 1;
  if (context.parts.made > MAX_PARTS || context.depth > MAX_DEPTH) throw tooLarge();
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.$ref !== undefined) return instance(dereference(schema.$ref, context.root), context);
  const merged = { ...schema, ...mergeAll(schema.allOf ?? []) };
  const branch = pickBranch(schema.anyOf ?? schema.oneOf, context);
  if (branch !== undefined) return instance(branch, context);
  const type = typeOf(merged);
  const make = Object.hasOwn(MAKERS, type) ? MAKERS[type] : undefined;
  return (make ?? makeString)(merged, context);
}

function typeOf({ type, properties, items }: JsonSchema): string {
  if (typeof type === 'string') return type;
  if (type !== undefined) return type[0] ?? 'null';
  if (properties !== undefined) return 'object';
  return items === undefined ? 'string' : 'array';
}

/** Past the depth limit the simplest branch, so that a recursive schema comes to an end. */
function pickBranch(branches: readonly JsonSchema[] | undefined, { depth }: Context) {
  const nothing = branches?.find(({ type }) => type === 'null');
  return depth > MAX_OPTIONAL_DEPTH && nothing !== undefined ? nothing : branches?.[0];
}

function mergeAll(schemas: readonly JsonSchema[]): JsonSchema {
  return {
    ...Object.assign({}, ...schemas),
    ...(schemas.some(({ properties }) => properties !== undefined) && {
      properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as object,
      required: schemas.flatMap(({ required }) => required ?? []),
    }),
  } as JsonSchema;
}

function dereference(ref: string, root: JsonSchema): JsonSchema {
  const steps = ref.replace(/^#\/?/, '').split('/').filter(Boolean);
  let found: unknown = root;
  for (const step of steps) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    found = (found as Record<string, unknown> | null | undefined)?.[key];
  }
  return (found ?? {}) as JsonSchema;
}

function makeObject({ properties = {}, required = [] }: JsonSchema, context: Context): object {
  const deeper = { ...context, depth: context.depth + 1 };
  const wanted = Object.entries(properties).filter(
    ([name]) => required.includes(name) || context.depth < MAX_OPTIONAL_DEPTH,
  );
  return Object.fromEntries(wanted.map(([name, schema]) => [name, instance(schema, deeper)]));
}

function makeArray({ items, minItems }: JsonSchema, context: Context): unknown[] {
  const deeper = { ...context, depth: context.depth + 1 };
  const length = minItems ?? (context.depth < MAX_OPTIONAL_DEPTH ? 1 : 0);
  if (length > MAX_PARTS) throw tooLarge();
  const schema = typeof items === 'object' ? items : {};
  return Array.from({ length }, () => instance(schema, deeper));
}

function makeString({ format, minLength = 0, maxLength }: JsonSchema, { text }: Context): string {
  if (format !== undefined && Object.hasOwn(FORMATS, format)) return FORMATS[format] ?? text;
  if (minLength > MAX_TEXT_LENGTH) throw tooLarge();
  return text.padEnd(minLength, '.').slice(0, maxLength);
}

function makeNumber({ minimum, exclusiveMinimum, maximum = Infinity, multipleOf = 1 }: JsonSchema) {
  const least = exclusiveMinimum === undefined ? (minimum ?? 0) : exclusiveMinimum + multipleOf;
  return Math.min(Math.ceil(least / multipleOf) * multipleOf, maximum);
}

function tooLarge(): UpstreamError {
  return upstreamFailure(400, { message: 'The mock provider cannot fill this schema.' });
}
