import type { BrotliOptions } from 'node:zlib';
import type { Manifest } from './manifest.js';

/** The templates that the package brings, as the build writes them: manifests checked, `.ejs` compiled. */
export interface Bundle {
  readonly templates: Readonly<Record<string, BundledTemplate>>;
}

export interface BundledTemplate {
  readonly manifest: Manifest;
  readonly digest: string;
  readonly layers: Readonly<Record<string, readonly BundledFile[]>>;
}

export interface BundledFile {
  readonly path: string;
  /** What `content` is: text when left out, or the body of a compiled function. */
  readonly kind?: 'base64' | 'ejs';
  readonly content: string;
  readonly executable?: true;
}

/** Stands before the content of each file. No text has one. */
export const SEPARATOR = '\0';

/** More than the templates take, so that they are unpacked in one go. */
const UNPACKED_BYTES = 2 ** 21;

/**
 * What the bundle is but for the files' contents, as JSON, and then those in the same order, as they are: quotes and
 * line ends that JSON escapes would take more room and time. Brotli, because gzip, which packs the rest of the package,
 * would take a fifth more.
 */
export function packBundle(bundle: Bundle): Uint8Array {
  const { brotliCompressSync, constants } = process.getBuiltinModule('node:zlib');
  const contents = filesOf(bundle).map(({ content }) => content);
  const text = Buffer.from([JSON.stringify(withoutContents(bundle)), ...contents].join(SEPARATOR));
  const params = {
    [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
    [constants.BROTLI_PARAM_SIZE_HINT]: text.length,
  };
  return brotliCompressSync(text, { params } satisfies BrotliOptions);
}

/** Only this needs zlib, so it is loaded here. */
export function unpackBundle(packed: Uint8Array): Bundle {
  const { brotliDecompressSync } = process.getBuiltinModule('node:zlib');
  const text = brotliDecompressSync(packed, { chunkSize: UNPACKED_BYTES }).toString();
  const [index = '', ...contents] = text.split(SEPARATOR);
  const bundle = JSON.parse(index) as Bundle;
  filesOf(bundle).forEach((file, at) => Object.assign(file, { content: contents[at] }));
  return bundle;
}

function withoutContents({ templates }: Bundle): unknown {
  const strip = ({ content: _, ...rest }: BundledFile): unknown => rest;
  const stripped = Object.entries(templates).map(([name, { layers, ...rest }]) => {
    const files = Object.entries(layers).map(([from, layer]) => [from, layer.map(strip)]);
    return [name, { ...rest, layers: Object.fromEntries(files) as unknown }];
  });
  return { templates: Object.fromEntries(stripped) as unknown };
}

function filesOf({ templates }: Bundle): readonly BundledFile[] {
  return Object.values(templates).flatMap(({ layers }) => Object.values(layers).flat());
}
