import { TemplateError } from '../errors.js';
import { matchesPattern } from '../options/option.js';
import { OPTIONS } from '../options/table.js';
import { findSchemaFaults, type Fault } from './check-schema.js';
import { findFactFaults } from './check-facts.js';
import { parseJsonSource, type JsonSource } from './json-source.js';
import type { Manifest, ManifestOption } from './manifest.js';
import { refuse, type OnFault } from './on-fault.js';
import schema from './template.schema.json' with { type: 'json' };

/**
 * Throws a TemplateError naming file, line, key and what would be valid.
 * @param onFault told of each of several faults; the first is thrown all the same
 */
export function parseManifest(text: string, file: string, onFault: OnFault = refuse): Manifest {
  const source = parseJsonSource(text, file);
  const faults = findFaults(source.value).map((fault) => toTemplateError(fault, source));
  faults.forEach(onFault);
  if (faults[0]) throw faults[0];
  return source.value as Manifest;
}

/** `file:line: key reason` */
export function toTemplateError({ path, message }: Fault, source: JsonSource): TemplateError {
  return new TemplateError(`${source.file}:${source.lineOf(path)}: ${formatPath(path)} ${message}`);
}

/** What the schema cannot say is looked for in what follows it. */
function findFaults(value: unknown): readonly Fault[] {
  const faults = findSchemaFaults(schema, value);
  if (faults.length > 0) return faults;
  const manifest = value as Manifest;
  return [...findOptionFaults(manifest), ...findLayerFaults(manifest), ...findFactFaults(manifest)];
}

/**
 * `options.style.choices[0]`
 *
 * @param root what all of it is called
 */
export function formatPath(path: Fault['path'], root = 'the manifest:'): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '');
  return text === '' ? root : text;
}

/** What a schema cannot say about an option: of each the first. */
function findOptionFaults({ options = {} }: Manifest): Fault[] {
  return Object.entries(options).flatMap(([name, option]) => {
    const fault =
      shadowFault(name) ??
      choiceFault(option) ??
      defaultFault(option) ??
      patternFault(option) ??
      secretFault(option);
    return fault ? [{ path: ['options', name, ...fault.path], message: fault.message }] : [];
  });
}

function shadowFault(name: string): Fault | undefined {
  const taken = OPTIONS.some((option) => option.name === name) || name in Object.prototype;
  return taken
    ? { path: [], message: `is already a name of the generator: choose another one` }
    : undefined;
}

function choiceFault({ type, choices }: ManifestOption): Fault | undefined {
  if (type === 'choice' && !choices)
    return { path: [], message: 'is a choice and needs "choices"' };
  if (type !== 'choice' && choices)
    return { path: ['choices'], message: 'goes with type "choice" only' };
  return undefined;
}

function defaultFault({ type, choices, default: value }: ManifestOption): Fault | undefined {
  if (value === undefined) return undefined;
  const path = ['default'];
  const values = choices?.map((choice) => choice.value);
  if (values && !values.includes(String(value))) {
    return { path, message: `must be one of its choices: ${values.join(', ')}` };
  }
  const wanted = type === 'boolean' ? 'boolean' : 'string';
  if (typeof value === wanted) return undefined;
  return { path, message: `must be ${wanted === 'boolean' ? 'true or false' : 'a string'}` };
}

function patternFault({ type, pattern, default: value }: ManifestOption): Fault | undefined {
  if (pattern === undefined) return undefined;
  const path = ['pattern'];
  if (type !== 'string') return { path, message: 'goes with type "string" only' };
  try {
    const matches = matchesPattern(pattern, String(value));
    if (value === undefined || matches) return undefined;
    return {
      path: ['default'],
      message: `is ${JSON.stringify(value)}, which its own pattern refuses: it must match ${pattern}`,
    };
  } catch (error) {
    return {
      path,
      message: `is not a regular expression: ${(error as Error).message}`,
    };
  }
}

function secretFault({ type, secret, default: value }: ManifestOption): Fault | undefined {
  if (!secret) return undefined;
  if (type !== 'string') return { path: ['secret'], message: 'goes with type "string" only' };
  return value === undefined || value === ''
    ? undefined
    : { path: ['default'], message: 'would be a secret that everybody can read' };
}

/** A layer is a folder of the template itself. */
function findLayerFaults({ layers }: Manifest): Fault[] {
  return layers.flatMap(({ from }, index) =>
    /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(from)
      ? [
          {
            path: ['layers', index, 'from'],
            message: 'leads out of the template: name a folder inside it',
          },
        ]
      : [],
  );
}
