import { TemplateError } from '../errors.js';
import { parseJsonSource } from '../template/json-source.js';
import { overrides, type TextClaim } from './combine-claims.js';
import { printJson } from './print-json.js';

type JsonObject = Record<string, unknown>;

/** Maps of package.json that package managers keep sorted. */
const SORTED = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * JSON files, merged key by key; keys stand in the order in which they were first seen. A value that two layers set
 * differently is an error that names both, unless the later layer's template extends the earlier one's: that may also
 * take a key away, by `null` (RFC 7396, JSON Merge Patch).
 */
export function mergeJsonFiles(claims: readonly TextClaim[]): string {
  const merged: JsonObject = {};
  const owners = new Map<string, TextClaim>();
  for (const claim of claims) mergeInto(merged, parseObject(claim), [], { claim, owners });
  const isPackage = claims.some(({ path }) => /(^|\/)package\.json$/.test(path));
  return printJson(isPackage ? sortDependencies(merged) : merged, isPackage ? 'broken' : 'fitted');
}

interface Context {
  readonly claim: TextClaim;
  /** Who set what, by path. */
  readonly owners: Map<string, TextClaim>;
}

function mergeInto(
  target: JsonObject,
  source: JsonObject,
  path: readonly string[],
  context: Context,
): void {
  for (const [key, value] of Object.entries(source)) {
    const here = [...path, key];
    if (key === '__proto__')
      throw new TemplateError(`${context.claim.origin}: a key must not be "__proto__".`);
    const current = Object.hasOwn(target, key) ? target[key] : undefined;
    if (isObject(current) && isObject(value)) mergeInto(current, value, here, context);
    else if (current === undefined || mayReplace(current, value, here, context)) {
      if (value === null && current !== undefined) Reflect.deleteProperty(target, key);
      else target[key] = value;
      claimPaths(value, here, context);
    }
  }
}

function mayReplace(
  current: unknown,
  value: unknown,
  path: readonly string[],
  context: Context,
): boolean {
  const owner = context.owners.get(JSON.stringify(path));
  if (JSON.stringify(current) === JSON.stringify(value)) return false;
  if (!owner || overrides(context.claim.template, owner.template)) return true;
  const { origin } = context.claim;
  throw new TemplateError(
    `${placeOf(context.claim, path)}: ${path.join('.')}: ${owner.origin} says ${JSON.stringify(current)} and ${origin} says ${JSON.stringify(value)}.`,
  );
}

/** With the line of a key, where the text is what lies there: what was rendered has other lines. */
function placeOf({ content, origin }: TextClaim, path: readonly string[]): string {
  return origin.endsWith('.ejs')
    ? origin
    : `${origin}:${parseJsonSource(content, origin).lineOf(path)}`;
}

function claimPaths(value: unknown, path: readonly string[], context: Context): void {
  context.owners.set(JSON.stringify(path), context.claim);
  if (!isObject(value)) return;
  for (const [key, member] of Object.entries(value)) claimPaths(member, [...path, key], context);
}

function parseObject({ content, origin }: TextClaim): JsonObject {
  const { value } = parseJsonSource(content, origin);
  if (isObject(value)) return value;
  throw new TemplateError(
    `${origin}: must be a JSON object to be merged with other layers' files.`,
  );
}

function sortDependencies(packageJson: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(packageJson).map(([key, value]) => [
      key,
      SORTED.includes(key) && isObject(value) ? sortKeys(value) : value,
    ]),
  );
}

function sortKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
