import { TemplateError } from '../errors.js';
import { OPTIONS } from '../options/table.js';
import { findSchemaFault, type Fault } from './check-schema.js';
import { parseJsonSource } from './json-source.js';
import type { Manifest, ManifestOption } from './manifest.js';
import schema from './template.schema.json' with { type: 'json' };

/** Throws a TemplateError naming file, line, key and what would be valid. */
export function parseManifest(text: string, file: string): Manifest {
  const source = parseJsonSource(text, file);
  const fault =
    findSchemaFault(schema, source.value) ??
    findOptionFault(source.value as Manifest) ??
    findLayerFault(source.value as Manifest);
  if (!fault) return source.value as Manifest;
  throw new TemplateError(
    `${file}:${source.lineOf(fault.path)}: ${formatPath(fault.path)} ${fault.message}`,
  );
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

/** What a schema cannot say about an option. */
function findOptionFault({ options = {} }: Manifest): Fault | undefined {
  for (const [name, option] of Object.entries(options)) {
    const fault =
      shadowFault(name) ??
      choiceFault(option) ??
      defaultFault(option) ??
      patternFault(option) ??
      secretFault(option);
    if (fault) return { path: ['options', name, ...fault.path], message: fault.message };
  }
  return undefined;
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

function patternFault({ pattern }: ManifestOption): Fault | undefined {
  if (pattern === undefined) return undefined;
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch (error) {
    return {
      path: ['pattern'],
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
function findLayerFault({ layers }: Manifest): Fault | undefined {
  const index = layers.findIndex(({ from }) => /^[/\\]|^[a-z]:|(^|[/\\])\.\.([/\\]|$)/i.test(from));
  if (index < 0) return undefined;
  return {
    path: ['layers', index, 'from'],
    message: 'leads out of the template: name a folder inside it',
  };
}
