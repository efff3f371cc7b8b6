import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { VERSION } from '../version.js';
import type { Fault } from './check-schema.js';
import type { Manifest } from './manifest.js';

/** Whether the template is made for other versions of this program. */
export function findGeneratorFault({ generator }: Manifest): Fault | undefined {
  if (generator === undefined) return undefined;
  const path = ['generator'];
  if (validRange(generator) === null) {
    const message = `must be a range of versions, such as "^${VERSION}", not "${generator}".`;
    return { path, message };
  }
  if (satisfies(VERSION, generator, { includePrerelease: true })) return undefined;
  return {
    path,
    message: `says that the template is made for create-ai-backend ${generator}, and this is ${VERSION}. Use another version of either: npx create-ai-backend@<version>.`,
  };
}
