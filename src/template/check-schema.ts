import { didYouMean } from '../options/nearest.js';
import type { JsonPath } from './json-source.js';

/** The part of JSON Schema that template.schema.json uses. */
export interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
}

export interface Fault {
  readonly path: JsonPath;
  readonly message: string;
}

/** The first thing that does not follow the schema, in words; undefined when everything does. */
export function findSchemaFault(root: Schema, value: unknown): Fault | undefined {
  return findSchemaFaults(root, value)[0];
}

/** All that does not follow the schema. */
export function findSchemaFaults(root: Schema, value: unknown): readonly Fault[] {
  return visit(root, value, []);

  function visit(schema: Schema, current: unknown, path: JsonPath): Fault[] {
    const target = schema.$ref === undefined ? schema : resolve(schema.$ref);
    const message = scalarFault(target, current);
    if (message !== undefined) return [{ path, message }];
    if (Array.isArray(current)) return visitItems(target, current, path);
    if (isObject(current)) return visitProperties(target, current, path);
    return [];
  }

  function visitItems({ items }: Schema, list: readonly unknown[], path: JsonPath): Fault[] {
    return items ? list.flatMap((item, index) => visit(items, item, [...path, index])) : [];
  }

  function visitProperties(schema: Schema, object: JsonObject, path: JsonPath): Fault[] {
    const missing = (schema.required ?? [])
      .filter((name) => !Object.hasOwn(object, name))
      .map((name) => ({ path, message: `"${name}" is missing` }));
    const wrong = Object.entries(object).flatMap(([name, property]) => {
      const here = [...path, name];
      const nameFault = schema.propertyNames && scalarFault(schema.propertyNames, name);
      if (nameFault !== undefined) return [{ path: here, message: `the name ${nameFault}` }];
      const propertySchema = ownProperty(schema.properties, name) ?? schema.additionalProperties;
      if (propertySchema === false) return [{ path: here, message: unknownKey(name, schema) }];
      return typeof propertySchema === 'object' ? visit(propertySchema, property, here) : [];
    });
    return [...missing, ...wrong];
  }

  function resolve(reference: string): Schema {
    return ownProperty(root.$defs, reference.slice('#/$defs/'.length)) ?? {};
  }
}

type JsonObject = Readonly<Record<string, unknown>>;

function scalarFault(schema: Schema, value: unknown): string | undefined {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  if (types.length > 0 && !types.includes(typeOf(value))) {
    return `must be ${types.map((type) => NOUNS[type] ?? type).join(' or ')}, not ${show(value)}`;
  }
  if (schema.enum && !schema.enum.includes(value)) return notListed(schema.enum, value);
  if (Array.isArray(value))
    return (schema.minItems ?? 0) > value.length ? 'must not be empty' : undefined;
  if (typeof value !== 'string') return undefined;
  if (value.length < (schema.minLength ?? 0)) return 'must not be empty';
  if (schema.pattern === undefined || new RegExp(schema.pattern, 'u').test(value)) return undefined;
  return `must match ${schema.pattern}, which ${show(value)} does not`;
}

const NOUNS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  object: 'an object',
  string: 'a string',
};

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
}

function notListed(values: readonly unknown[], value: unknown): string {
  const hint = typeof value === 'string' ? didYouMean(value, values.map(String)) : '';
  return `must be one of ${values.map(show).join(', ')}, not ${show(value)}.${hint}`;
}

function unknownKey(name: string, schema: Schema): string {
  const known = Object.keys(schema.properties ?? {});
  return `is not a known key. Known here: ${known.join(', ')}.${didYouMean(name, known)}`;
}

function show(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownProperty<Value>(
  object: Readonly<Record<string, Value>> | undefined,
  name: string,
): Value | undefined {
  return object && Object.hasOwn(object, name) ? object[name] : undefined;
}
