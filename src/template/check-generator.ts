import satisfies from 'semver/functions/satisfies.js';
import validRange from 'semver/ranges/valid.js';
import { TemplateError } from '../errors.js';
import { VERSION } from '../version.js';
import type { JsonSource } from './json-source.js';
import type { Manifest } from './manifest.js';

/** Throws a TemplateError when the template is made for other versions of this program. */
export function checkGenerator({ generator }: Manifest, source: JsonSource): void {
  if (generator === undefined) return;
  const at = `${source.file}:${source.lineOf(['generator'])}: generator`;
  if (validRange(generator) === null) {
    throw new TemplateError(
      `${at} must be a range of versions, such as "^${VERSION}", not "${generator}".`,
    );
  }
  if (satisfies(VERSION, generator, { includePrerelease: true })) return;
  throw new TemplateError(
    `${at} says that the template is made for create-ai-backend ${generator}, and this is ${VERSION}. Use another version of either: npx create-ai-backend@<version>.`,
  );
}
