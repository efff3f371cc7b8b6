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

/** Deep enough for any answer, and an end to schemas that contain themselves. */
const MAX_DEPTH = 12;

/** @param text stands wherever the schema lets any string stand */
export function instanceOf(schema: JsonSchema, text: string): unknown {
  return instance(schema, { root: schema, text, depth: 0 });
}

interface Context {
  readonly root: JsonSchema;
  readonly text: string;
  readonly depth: number;
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
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.$ref !== undefined) return instance(dereference(schema.$ref, context.root), context);
  const merged = { ...schema, ...mergeAll(schema.allOf ?? []) };
  const branch = pickBranch(schema.anyOf ?? schema.oneOf, context);
  if (branch !== undefined) return instance(branch, context);
  const make = MAKERS[typeOf(merged)] ?? makeString;
  return make(merged, context);
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
  return depth > MAX_DEPTH && nothing !== undefined ? nothing : branches?.[0];
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
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    found = (found as Record<string, unknown> | undefined)?.[key];
  }
  return (found ?? {}) as JsonSchema;
}

function makeObject({ properties = {}, required = [] }: JsonSchema, context: Context): object {
  const deeper = { ...context, depth: context.depth + 1 };
  const wanted = Object.entries(properties).filter(
    ([name]) => required.includes(name) || context.depth < MAX_DEPTH,
  );
  return Object.fromEntries(wanted.map(([name, schema]) => [name, instance(schema, deeper)]));
}

function makeArray({ items, minItems }: JsonSchema, context: Context): unknown[] {
  const deeper = { ...context, depth: context.depth + 1 };
  const length = minItems ?? (context.depth < MAX_DEPTH ? 1 : 0);
  const schema = typeof items === 'object' ? items : {};
  return Array.from({ length }, () => instance(schema, deeper));
}

function makeString({ format, minLength = 0, maxLength }: JsonSchema, { text }: Context): string {
  const known = FORMATS[format ?? ''];
  if (known !== undefined) return known;
  return text.padEnd(minLength, '.').slice(0, maxLength);
}

function makeNumber({ minimum, exclusiveMinimum, maximum = Infinity, multipleOf = 1 }: JsonSchema) {
  const least = exclusiveMinimum === undefined ? (minimum ?? 0) : exclusiveMinimum + multipleOf;
  return Math.min(Math.ceil(least / multipleOf) * multipleOf, maximum);
}
