import { writeSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import {
  RENDER_LIMITS,
  type CompiledFile,
  type RenderLine,
  type RenderOutcome,
  type RenderRequest,
} from './protocol.js';
import type { Outcome } from './render-context.js';

/** The bundle of render-context.ts: an expression; put in its place by build/render-program.ts. */
declare const RENDER_CONTEXT: string;

/**
 * The program of the process in which the templates of others are rendered. It is started without an environment and
 * without permissions; each file is rendered in a context of its own that consists of the language alone. No object of this
 * world gets into one, and none comes out: what crosses is text. All of it happens in one turn of the event loop, at
 * whose end the process is over, so that nothing a template leaves behind (promises, `import()`) is ever run.
 *
 * One thing does get in: where the stack ends while Node works for the template (on `import()`), the error is of this
 * world. So this world has nothing that such an error leads to: it makes no code of text either (run-shut-in.ts), and what
 * belongs to the language is frozen.
 */
export function run({ files, data }: RenderRequest): never {
  freezeLanguage();
  const json = JSON.stringify(data);
  for (const file of files) {
    say('begin');
    say(renderFile(file, json));
  }
  process.exit(0);
}

/** A getter put on Object.prototype would be handed objects of Node's. */
function freezeLanguage(): void {
  const names = new Script('Object.getOwnPropertyNames(globalThis)').runInContext(
    createContext(Object.create(null) as object),
  ) as string[];
  for (const name of names) {
    const value: unknown = Reflect.get(globalThis, name);
    if (typeof value !== 'function') continue;
    Object.freeze(value);
    Object.freeze(value.prototype);
  }
}

function renderFile({ origin, source }: CompiledFile, json: string): RenderOutcome {
  const code = `'use strict';(${RENDER_CONTEXT}).render(${JSON.stringify(json)}, (locals, escapeFn, include, __at) => { ${source} })`;
  const context = createContext(Object.create(null) as object, {
    codeGeneration: { strings: false, wasm: false },
  });
  const started = performance.now();
  let result: unknown;
  try {
    result = new Script(code).runInContext(context, {
      timeout: RENDER_LIMITS.fileMilliseconds,
      displayErrors: false,
    });
  } catch {
    // Not to be looked at: it may be an object of the template's.
    const seconds = RENDER_LIMITS.fileMilliseconds / 1000;
    return performance.now() - started >= RENDER_LIMITS.fileMilliseconds
      ? { fault: `${origin}: takes more than ${seconds} s to render.` }
      : { fault: `${origin}: cannot be rendered.` };
  }
  if (typeof result !== 'string') return { fault: `${origin}: does not render to text.` };
  return toRenderOutcome(parse(result), origin);
}

/** A template can put anything in the place of an Outcome. */
function toRenderOutcome(outcome: Partial<Outcome>, origin: string): RenderOutcome {
  if ('text' in outcome && typeof outcome.text === 'string') {
    if (outcome.text.length <= RENDER_LIMITS.fileLength) return { text: outcome.text };
    return { fault: `${origin}: renders to more than 10 MB.` };
  }
  if ('line' in outcome && typeof outcome.line === 'number' && typeof outcome.message === 'string')
    return { fault: `${origin}:${outcome.line}: ${printable(outcome.message)}` };
  return { fault: `${origin}: does not render to text.` };
}

function parse(json: string): Partial<Outcome> {
  try {
    return (JSON.parse(json) ?? {}) as Partial<Outcome>;
  } catch {
    return {};
  }
}

const MESSAGE_LENGTH = 500;

/** Without what a terminal would take for a command. */
function printable(message: string): string {
  return message.slice(0, MESSAGE_LENGTH).replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}

/** Synchronous: the process may be over at any moment. */
function say(line: RenderLine): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
}
