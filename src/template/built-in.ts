import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateError } from '../errors.js';
import type { Catalog } from '../options/offered-options.js';
import type { Measurements } from '../recommend/measurements.js';
import { unpackBundle, type Bundle, type BundledFile, type BundledTemplate } from './bundle.js';
import type { Render, RenderData, Template, TemplateFile } from './template.js';

export interface BuiltIns {
  readonly catalog: Catalog;
  /** Undefined when there is no built-in template of that name. */
  find(name: string): Template | undefined;
  names(): readonly string[];
  /** Figures of the servers that the built-in templates make. */
  measurements(): Measurements;
}

/** The catalogue is a file of its own because `--help` needs nothing else. */
export function openBuiltIns(folder: string): BuiltIns {
  const catalog = readJson(join(folder, 'catalog.json')) as Catalog;
  let bundle: Bundle | undefined;
  const open = (): Bundle => (bundle ??= unpackBundle(readFileSync(join(folder, 'templates.br'))));
  const opened = new Map<string, Template>();
  const find = (name: string): Template | undefined => {
    const bundled = Object.hasOwn(open().templates, name) ? open().templates[name] : undefined;
    if (!bundled) return undefined;
    const template = opened.get(name) ?? toTemplate(name, bundled, find);
    opened.set(name, template);
    return template;
  };
  return {
    catalog,
    find,
    names: () => Object.keys(open().templates),
    measurements: () => readJson(join(folder, 'measurements.json')) as Measurements,
  };
}

function toTemplate(
  name: string,
  { manifest, digest, layers }: BundledTemplate,
  find: (name: string) => Template | undefined,
): Template {
  return {
    origin: name,
    isBuiltIn: true,
    manifest,
    parents: (manifest.extends ?? []).flatMap((parent) => find(parent) ?? []),
    readLayer: (from) =>
      (layers[from] ?? []).map((file) => toTemplateFile(file, `${name}/${from}/${file.path}`)),
    digest: () => digest,
  };
}

function toTemplateFile(file: BundledFile, origin: string): TemplateFile {
  const { path, kind, executable = false } = file;
  const source = kind === 'ejs' ? `${origin}.ejs` : origin;
  return { path, content: contentOf(file, source), executable, origin: source };
}

function contentOf({ kind, content }: BundledFile, source: string): TemplateFile['content'] {
  switch (kind) {
    case 'ejs':
      return createRender(content, source);
    case 'base64':
      return Buffer.from(content, kind);
    default:
      return content;
  }
}

/** The signature is the one that ejs gives its compiled functions; see compile-ejs.ts. */
function createRender(body: string, origin: string): Render {
  return (data: RenderData) => {
    try {
      // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own templates, compiled by ejs when the package was built
      const render = new Function('locals', 'escapeFn', body) as CompiledEjs;
      return render(data, String);
    } catch (error) {
      throw new TemplateError(`${origin}: ${(error as Error).message}`);
    }
  };
}

type CompiledEjs = (locals: RenderData, escape: (value: unknown) => string) => string;

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
