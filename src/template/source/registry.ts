import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { TemplateError, UsageError } from '../../errors.js';
import { didYouMean } from '../../options/nearest.js';
import { findSchemaFault } from '../check-schema.js';
import { parseJsonSource } from '../json-source.js';
import { formatPath } from '../parse-manifest.js';
import { openCache } from './cache.js';
import { download } from './download.js';
import { withinTime, type FetchContext } from './fetch-template.js';
import { formatLimit, LIMITS } from './limits.js';
import schema from './registry.schema.json' with { type: 'json' };
import { resolvePath } from './resolve-path.js';
import { isUrl, parseSource, redact, type FetchableSource } from './template-source.js';

/** An index that gives names to templates, so that a team types `acme/gateway`. */
export interface Registry {
  /** The file or URL it was read from, without passwords. */
  readonly location: string;
  readonly templates: ReadonlyMap<string, RegistryEntry>;
}

export interface RegistryEntry {
  readonly source: FetchableSource;
  /** As digest-folder.ts makes it. To be compared by who loads the template. */
  readonly digest?: string;
  readonly description?: string;
}

/** Throws a TemplateError with file and line, or the signal's reason. */
export async function readRegistry(location: string, context: FetchContext): Promise<Registry> {
  const shown = redact(location);
  return isUrl(location)
    ? parseRegistry(await fetchText(location, context), shown, (path) => locate(path, location))
    : readFile(resolvePath(location, context), shown, context);
}

/** Throws a UsageError for a name that is not there. */
export function findInRegistry({ location, templates }: Registry, name: string): RegistryEntry {
  const entry = templates.get(name);
  if (entry) return entry;
  const names = [...templates.keys()];
  throw new UsageError(
    `--template: there is no "${name}" in the registry ${location}. It has: ${names.join(', ') || 'nothing'}.${didYouMean(name, names)}`,
  );
}

async function fetchText(url: string, context: FetchContext): Promise<string> {
  const shown = redact(url);
  const cache = openCache(context.environment);
  if (context.offline) {
    const text = cache.findText(shown);
    if (text !== undefined) return text;
    throw new TemplateError(
      `${shown}: this registry is not in the cache: read it once without --offline.`,
    );
  }
  const bytes = await withinTime(shown, context, ({ signal }) =>
    download(url, { bytes: LIMITS.registryBytes, signal }),
  );
  const text = bytes.toString();
  cache.storeText(shown, text);
  return text;
}

function readFile(file: string, shown: string, context: FetchContext): Registry {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) throw new TemplateError(`--registry: there is no file ${shown}.`);
  if (stat.size > LIMITS.registryBytes)
    throw new TemplateError(
      `${shown}: larger than ${formatLimit(LIMITS.registryBytes)}, more than a registry may be.`,
    );
  return parseRegistry(readFileSync(file, 'utf8'), shown, (path) =>
    resolvePath(path, { ...context, workingDirectory: dirname(file) }),
  );
}

/** Undefined for a folder, which no web address has. */
type Locate = (path: string) => string | undefined;

function locate(path: string, url: string): string | undefined {
  const found = /\.(tgz|tar\.gz)$/i.test(path) ? new URL(path, url).href : '';
  return isUrl(found) ? found : undefined;
}

function parseRegistry(text: string, shown: string, locate: Locate): Registry {
  const json = parseJsonSource(text, shown);
  const fault = findSchemaFault(schema, json.value);
  if (fault) {
    throw new TemplateError(
      `${shown}:${json.lineOf(fault.path)}: ${formatPath(fault.path, 'the registry:')} ${fault.message}`,
    );
  }
  const { templates } = json.value as {
    templates: Record<string, Omit<RegistryEntry, 'source'> & { source: string }>;
  };
  const entries = Object.entries(templates).map(([name, entry]) => {
    const at = `${shown}:${json.lineOf(['templates', name, 'source'])}`;
    return [name, { ...entry, source: parseEntrySource(entry.source, at, locate) }] as const;
  });
  return { location: shown, templates: new Map(entries) };
}

/** A path is relative to the index, for who wrote it does not know where it is used. */
function parseEntrySource(text: string, at: string, locate: Locate): FetchableSource {
  const source = parseSource(text, at, TemplateError);
  if (source.kind === 'name') {
    throw new TemplateError(`${at}: "${text}" is a name: a folder begins with "./".`);
  }
  if (source.kind === 'folder') return { ...source, path: locateOr(source.path, at, locate) };
  if (source.kind !== 'tarball' || isUrl(source.location)) return source;
  return { ...source, location: locateOr(source.location, at, locate) };
}

function locateOr(path: string, at: string, locate: Locate): string {
  const found = locate(path);
  if (found !== undefined) return found;
  throw new TemplateError(
    `${at}: "${path}" is a folder, and this registry lies on a server: name a repository, a package or a tarball.`,
  );
}
