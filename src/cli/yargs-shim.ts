import { basename, dirname, extname, join, relative, resolve } from 'node:path';
// @ts-expect-error -- yargs's own layout library brings no types
import cliui from 'cliui';
import Parser from 'yargs-parser';

/**
 * What yargs takes from its surroundings; the build puts this in the place of yargs's own shim for Node. That one looks
 * for package.json and for translations, and measures text in every script there is, which costs more than a bare start
 * of Node. The help here is English and ASCII, and every setting that yargs would look up is given to it.
 */
const unused = (): undefined => undefined;

export default {
  assert: { notStrictEqual: unused, strictEqual: unused },
  cliui,
  findUp: unused,
  getCallerFile: unused,
  getEnv: (name: string) => process.env[name],
  getProcessArgvBin: () => 'create-ai-backend',
  inspect: String,
  mainFilename: '',
  Parser,
  path: { basename, dirname, extname, relative, resolve, join },
  process: {
    argv: () => process.argv,
    cwd: () => process.cwd(),
    emitWarning: unused,
    execPath: () => process.execPath,
    exit: unused,
    nextTick: process.nextTick,
    stdColumns: null,
  },
  readFileSync: unused,
  readdirSync: () => [],
  require: unused,
  stringWidth: (text: string) => text.length,
  y18n: {
    __: fill,
    __n: (one: string, many: string, count: number, ...values: unknown[]) =>
      fill(count === 1 ? one : many, ...values),
    getLocale: () => 'en',
    setLocale: unused,
    updateLocale: unused,
  },
};

/** Puts the values where `%s` stands, in turn. */
function fill(text: string, ...values: readonly unknown[]): string {
  let next = 0;
  return text.replace(/%s/g, () => String(values[next++]));
}
