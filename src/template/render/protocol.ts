import type { RenderData } from '../template.js';

/** A file that is to be rendered. */
export interface UnrenderedFile {
  readonly origin: string;
  /** EJS. */
  readonly text: string;
}

/** What such a file is as code: see compileToSource. */
export interface CompiledFile {
  readonly origin: string;
  readonly source: string;
}

/** What the render process is told. */
export interface RenderRequest {
  readonly files: readonly CompiledFile[];
  readonly data: RenderData;
}

/** What it says of the files in their order, a line of JSON each; and before each that it begins with it. */
export type RenderLine = 'begin' | RenderOutcome;

/** A file's content, or a sentence that says what is wrong and where. */
export type RenderOutcome = { readonly text: string } | { readonly fault: string };

/** What rendering may take. Far more than any template needs. */
export const RENDER_LIMITS = {
  /** All files of a template. */
  milliseconds: 10_000,
  /** One file. */
  fileMilliseconds: 5_000,
  memoryMegabytes: 128,
  /** Characters of one file. */
  fileLength: 10 * 1024 * 1024,
  /** All files. */
  totalBytes: 64 * 1024 * 1024,
} as const;
