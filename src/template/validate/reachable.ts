import { allowedValues, type Answer, type Option, type When } from '../../options/option.js';

/**
 * Whether answers exist under which a condition holds: those that it names must be asked at all, by conditions of their
 * own, and no two conditions may want different answers of one option.
 *
 * @param options by name
 */
export function isReachable(when: When, options: ReadonlyMap<string, Option>): boolean {
  const wanted = new Map<string, readonly Answer[]>();
  return demand(when);

  function demand(condition: When): boolean {
    return Object.entries(condition).every(([name, answer]) => {
      const option = options.get(name);
      if (!option) return false;
      const isKnown = wanted.has(name);
      const possible = wanted.get(name) ?? allowedValues(option);
      const left = [answer].flat().filter((value) => possible?.includes(value) ?? true);
      wanted.set(name, left);
      return left.length > 0 && (isKnown || demand(option.when ?? {}));
    });
  }
}
