import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * Reads the command line by a table of options; what it says of them is what `--help` prints. Ends the process for
 * `--help`, and with a sentence where something is not right.
 *
 * @param about what is measured, in a sentence
 * @param table to each name what it means (`help`) and its default (`value`), which says of what kind it is; what has none
 *   is a text. `least` bounds a number, `oneOf` says what a list may consist of, `isProject` that it is a folder to start
 */
export function readOptions(about, table) {
  try {
    const values = parse(table);
    if (values.help === true) printHelp(about, table);
    return Object.fromEntries(
      Object.entries(table).map(([name, option]) => [name, read(name, option, values[name])]),
    );
  } catch (error) {
    if (!(error instanceof WrongUsage)) throw error;
    console.error(`${error.message} --help says what there is.`);
    process.exit(2);
  }
}

class WrongUsage extends Error {}

function parse(table) {
  const kinds = Object.entries(table).map(([name, { value }]) => [
    name,
    { type: typeof value === 'boolean' ? 'boolean' : 'string' },
  ]);
  const options = { ...Object.fromEntries(kinds), help: { type: 'boolean', short: 'h' } };
  try {
    return parseArgs({ options, allowNegative: true }).values;
  } catch (error) {
    // Of Node's message, what is wrong; not how to write it to a program that takes names of files.
    throw new WrongUsage(`${error.message.split(/\.(?:\s|$)/, 1)[0]}.`);
  }
}

function read(name, { value, least, oneOf, isProject = false }, given) {
  if (given === undefined) return value;
  if (typeof value === 'number') return readNumber(name, given, least);
  if (oneOf !== undefined) return readList(name, given, oneOf);
  return isProject ? readProject(name, given) : given;
}

function readNumber(name, given, least) {
  const number = Number(given);
  if (Number.isFinite(number) && number >= least) return number;
  throw new WrongUsage(`--${name} is a number from ${least}, not "${given}".`);
}

function readList(name, given, oneOf) {
  const items = given.split(',');
  const unknown = items.filter((item) => !oneOf.includes(item));
  if (unknown.length === 0) return items;
  throw new WrongUsage(`--${name} takes ${oneOf.join(', ')}, not "${unknown.join(', ')}".`);
}

function readProject(name, given) {
  const folder = resolve(given);
  if (existsSync(join(folder, 'dist', 'main.js'))) return folder;
  throw new WrongUsage(`--${name}: there is no project that is built at ${folder}.`);
}

function printHelp(about, table) {
  const lines = Object.entries(table).map(([name, option]) => [placeholder(name, option), option]);
  const width = Math.max(...lines.map(([text]) => text.length));
  const rows = lines.map(([text, option]) => `  ${text.padEnd(width)}  ${describe(option)}`);
  const script = basename(process.argv[1]);
  console.log([about, '', `Options of bench/${script}:`, ...rows].join('\n'));
  process.exit(0);
}

function placeholder(name, { value, oneOf }) {
  if (typeof value === 'boolean') return value ? `--no-${name}` : `--${name}`;
  if (typeof value === 'number') return `--${name} <number>`;
  return `--${name} <${oneOf === undefined ? 'folder' : 'names'}>`;
}

function describe({ help, value, oneOf }) {
  const choices = oneOf === undefined ? '' : `: ${oneOf.join(', ')}`;
  return `${help}${choices}${typeof value === 'number' ? ` (${value})` : ''}`;
}
