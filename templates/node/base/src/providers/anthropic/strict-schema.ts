import { toJson } from '../../json.js';
import { isRecord } from '../upstream-client.js';

type Translate = (value: unknown) => unknown;

const asItIs: Translate = (value) => value;
const eachProperty: Translate = (value) =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toStrictSchema(one)]))
    : value;
const eachItem: Translate = (value) => (Array.isArray(value) ? value.map(toStrictSchema) : value);

/** What Anthropic enforces of JSON Schema: https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
const ENFORCED: ReadonlyMap<string, Translate> = new Map<string, Translate>([
  ...['$ref', 'type', 'enum', 'const', 'title', 'description', 'required'].map(
    (keyword) => [keyword, asItIs] as const,
  ),
  ['additionalProperties', asItIs],
  ['properties', eachProperty],
  ['$defs', eachProperty],
  ['definitions', eachProperty],
  ['items', toStrictSchema],
  ['anyOf', eachItem],
  ['allOf', eachItem],
]);

const FORMATS = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'],
]);

/** They say nothing of what is valid. */
const ANNOTATIONS = new Set(['$schema', '$id', '$comment', 'examples']);

/**
 * A schema as Anthropic takes it for structured outputs and strict tools. It refuses constraints that it does not
 * enforce, such as `minimum`: they become part of the description, which the model reads.
 */
export function toStrictSchema(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const strict: Record<string, unknown> = {};
  const hints: string[] = [];
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'oneOf') strict.anyOf = eachItem(value);
    else if (isEnforced(keyword, value)) strict[keyword] = ENFORCED.get(keyword)?.(value) ?? value;
    else if (!ANNOTATIONS.has(keyword)) hints.push(`${keyword}: ${toJson(value)}`);
  }
  if (hints.length > 0) strict.description = describe(strict.description, hints);
  // Objects must be closed. One that is said to be open stays so, and Anthropic refuses it.
  if (isObjectSchema(schema)) strict.additionalProperties ??= false;
  return strict;
}

function isEnforced(keyword: string, value: unknown): boolean {
  if (keyword === 'format') return FORMATS.has(String(value));
  if (keyword === 'minItems') return value === 0 || value === 1;
  return ENFORCED.has(keyword);
}

function isObjectSchema({ type, properties }: Record<string, unknown>): boolean {
  return type === 'object' || properties !== undefined;
}

function describe(description: unknown, hints: readonly string[]): string {
  const constraints = `(${hints.join(', ')})`;
  return typeof description === 'string' ? `${description} ${constraints}` : constraints;
}
