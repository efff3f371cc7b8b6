import { strictData } from '../../plan/strict-data.js';
import type { RenderData } from '../template.js';

/**
 * What runs inside the context of a template, beside it. Nothing here may be of the world outside: only text comes in,
 * and only text goes out. Bundled to an expression by build/render-program.ts.
 */

/** A template as ejs compiles it; `line` keeps the line of the template that is being rendered. */
type Compiled = (
  locals: RenderData,
  escape: (value: unknown) => string,
  include: () => never,
  at: { line: number },
) => string;

export type Outcome =
  { readonly text: string } | { readonly line: number; readonly message: string };

/** Memory that is not counted as the language's own, and so would not be limited. */
const UNLIMITED = /Array$|^(?:ArrayBuffer|SharedArrayBuffer|Atomics|DataView|WebAssembly)$/;

function takeAwayUnlimited(): void {
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (name !== 'Array' && UNLIMITED.test(name)) Reflect.deleteProperty(globalThis, name);
  }
}

/** Stack traces are made by Node, outside; no limit that is a number means none. */
function takeAwayStackTraces(): void {
  const attributes = { writable: false, configurable: false };
  Object.defineProperty(Error, 'stackTraceLimit', { ...attributes, value: undefined });
}

/** @returns an Outcome as JSON */
export function render(data: string, compiled: Compiled): string {
  takeAwayUnlimited();
  takeAwayStackTraces();
  const at = { line: 1 };
  try {
    const text = compiled(strictData(JSON.parse(data) as RenderData), String, refuseInclude, at);
    return JSON.stringify({ text });
  } catch (error) {
    return JSON.stringify({ line: at.line, message: messageOf(error) });
  }
}

function refuseInclude(): never {
  throw new Error('include() is not available: a template file stands for itself');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = error instanceof ReferenceError ? '. There are: project, options, facts' : '';
  return error.message + hint;
}
