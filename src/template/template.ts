import type { Facts, Manifest } from './manifest.js';

/** What `.ejs` files see, and nothing else. */
export interface RenderData {
  readonly project: Readonly<{ name: string }>;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly facts: Facts;
}

export type Render = (data: RenderData) => string;

/** A file of a layer at the path it has in the project (so without `.ejs`): bytes to copy, or a function that makes them. */
export interface TemplateFile {
  readonly path: string;
  readonly content: string | Uint8Array | Render;
  readonly executable: boolean;
  /** Where it lies, for messages. */
  readonly origin: string;
}

/** A template that has been read and checked, wherever it came from; its layers are read when they are needed. */
export interface Template {
  /** How messages refer to it: the name of a built-in template, or the folder of another. */
  readonly origin: string;
  readonly manifest: Manifest;
  readonly parents: readonly Template[];
  readLayer(from: string): readonly TemplateFile[];
  /** See digest-folder.ts. */
  digest(): string;
}
