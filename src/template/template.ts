import type { Facts, Manifest } from './manifest.js';

/** What `.ejs` files see, and nothing else. */
export interface RenderData {
  readonly project: Readonly<{ name: string }>;
  readonly options: Readonly<Record<string, string | boolean>>;
  readonly facts: Facts;
}

export type Render = (data: RenderData) => string;

/** EJS of a template that is not built in: what it renders to is found out where it can do no harm. */
export interface Unrendered {
  readonly ejs: string;
}

/** A file of a layer at the path it has in the project (so without `.ejs`): what to copy, or what makes that. */
export interface TemplateFile {
  readonly path: string;
  readonly content: string | Uint8Array | Render | Unrendered;
  readonly executable: boolean;
  /** Where it lies, for messages. */
  readonly origin: string;
}

/** A template that has been read and checked, wherever it came from; its layers are read when they are needed. */
export interface Template {
  /** How messages refer to it: the name of a built-in template, or where another one is. */
  readonly origin: string;
  /** Whether it came with the generator, whose version then says what it is. */
  readonly isBuiltIn: boolean;
  /** Where its files lie, unless it is built in. */
  readonly folder?: string;
  readonly manifest: Manifest;
  readonly parents: readonly Template[];
  readLayer(from: string): readonly TemplateFile[];
  /** See digest-folder.ts. */
  digest(): string;
}
