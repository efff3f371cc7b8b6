import { didYouMean } from '../options/nearest.js';
import type { RenderData } from '../template/template.js';

/**
 * The data of a template so that a name that does not exist is an error, at any depth. A plain object would render a
 * misspelt fact as nothing. To ask whether a fact is there, a template writes `'name' in facts`.
 */
export function strictData(data: RenderData): RenderData {
  return Object.fromEntries(
    Object.entries(data).map(([name, value]) => [name, strict(value as object, name)]),
  ) as unknown as RenderData;
}

function strict<Value extends object>(value: Value, path: string): Value {
  return new Proxy(value, {
    get(target, key, receiver) {
      const member: unknown = Reflect.get(target, key, receiver);
      if (typeof member === 'object' && member !== null) {
        return strict(member, `${path}.${String(key)}`);
      }
      if (member === undefined && typeof key === 'string' && key !== 'toJSON') {
        throw new Error(missing(target, path, key));
      }
      return member;
    },
    set(_target, key) {
      throw new Error(`${path}.${String(key)} cannot be changed by a template`);
    },
  });
}

function missing(target: object, path: string, key: string): string {
  const names = Object.keys(target);
  const known = Array.isArray(target) ? `0 to ${target.length - 1}` : names.join(', ');
  return `${path}.${key} does not exist. There are: ${known}.${didYouMean(key, names)}`;
}
