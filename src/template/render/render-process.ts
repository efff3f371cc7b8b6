import { writeSync } from 'node:fs';
import { createContext, Script } from 'node:vm';
import { compileToSource } from '../compile-ejs.js';
import {
  RENDER_LIMITS,
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
 */
export function run({ files, data }: RenderRequest): never {
  const json = JSON.stringify(data);
  for (const file of files) {
    say('begin');
    say(renderFile(file, json));
  }
  process.exit(0);
}

function renderFile({ origin, text }: RenderRequest['files'][number], json: string): RenderOutcome {
  let source;
  try {
    source = compileToSource(text, origin);
  } catch (error) {
    return { fault: (error as Error).message };
  }
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
  if (result.length > RENDER_LIMITS.fileLength) {
    return { fault: `${origin}: renders to more than 10 MB.` };
  }
  return toRenderOutcome(JSON.parse(result) as Outcome, origin);
}

function toRenderOutcome(outcome: Outcome, origin: string): RenderOutcome {
  if ('text' in outcome && typeof outcome.text === 'string') return { text: outcome.text };
  if ('line' in outcome) return { fault: `${origin}:${outcome.line}: ${outcome.message}` };
  return { fault: `${origin}: does not render to text.` };
}

/** Synchronous: the process may be over at any moment. */
function say(line: RenderLine): void {
  let rest = Buffer.from(`${JSON.stringify(line)}\n`);
  while (rest.length > 0) rest = rest.subarray(writeSync(1, rest));
}
