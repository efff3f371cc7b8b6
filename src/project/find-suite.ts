import { statSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { resolvePath } from '../template/source/resolve-path.js';
import { isUrl, parseSource } from '../template/source/template-source.js';
import { SUITE } from './conformance-suite.js';
import { VERSION } from '../version.js';

/** The suite of this version of the contract. */
const DEFAULT_SUITE = `npm:${SUITE}@${VERSION}`;

const NO_SUITE = 'none';

const FORMS = `Write npm:${SUITE}@${VERSION}, ./folder, ./suite.tgz, or ${NO_SUITE}.`;

type Place = Parameters<typeof resolvePath>[1];

/**
 * Where the conformance suite is, as npm takes it; undefined for none. Throws a UsageError for what cannot be one.
 *
 * @param text a source, written as for `--template`
 */
export function findSuite(text: string = DEFAULT_SUITE, place: Place): string | undefined {
  if (text === NO_SUITE) return undefined;
  const source = parseSource(text, '--suite');
  if (source.kind === 'npm') {
    return source.version === undefined ? source.name : `${source.name}@${source.version}`;
  }
  if (source.kind === 'tarball' && isUrl(source.location)) return source.location;
  if (source.kind !== 'folder' && source.kind !== 'tarball') {
    throw new UsageError(`--suite: "${text}" is no package, tarball or folder. ${FORMS}`);
  }
  const path = resolvePath(source.kind === 'folder' ? source.path : source.location, place);
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    throw new UsageError(`--suite: there is no ${source.kind} "${text}". ${FORMS}`);
  }
  return path;
}
