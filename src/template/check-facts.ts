import type { Fault } from './check-schema.js';
import type { Facts, Manifest } from './manifest.js';

/** Facts that this program reads itself, and could not use as they are: left alone, they would silently count for nothing. */
export function findFactFaults({ facts = [] }: Manifest): Fault[] {
  return facts.flatMap(({ set }, index) =>
    [...commandFaults(set), ...probeFaults(set)].map(({ path, message }) => ({
      path: ['facts', index, 'set', ...path],
      message,
    })),
  );
}

/** No shell reads commands, so that a line of text is none. */
function commandFaults({ commands }: Facts): Fault[] {
  if (commands === undefined) return [];
  if (!isObject(commands)) return [{ path: ['commands'], message: 'must be an object' }];
  return Object.entries(commands)
    .filter(([, command]) => !isListOfWords(command))
    .map(([purpose, command]) => ({
      path: ['commands', purpose],
      message: `must be a list of words, such as ${JSON.stringify(suggestWords(command))}, not ${JSON.stringify(command)}`,
    }));
}

function probeFaults({ probes }: Facts): Fault[] {
  if (!isObject(probes)) return [];
  return ['live', 'ready']
    .filter((name) => Object.hasOwn(probes, name) && !/^\/[^/]*/.test(String(probes[name])))
    .map((name) => ({
      path: ['probes', name],
      message: `must be a path, such as "/${name}z", not ${JSON.stringify(probes[name])}`,
    }));
}

function isListOfWords(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((word) => typeof word === 'string' && word !== '')
  );
}

function suggestWords(command: unknown): readonly string[] {
  const words = typeof command === 'string' ? command.split(/\s+/).filter(Boolean) : [];
  return words.length > 0 ? words : ['npm', 'test'];
}

function isObject(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
