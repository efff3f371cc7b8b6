import { readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { TemplateError } from '../../errors.js';
import { compileToSource } from '../compile-ejs.js';
import type { RenderData } from '../template.js';
import {
  RENDER_LIMITS,
  type CompiledFile,
  type RenderLine,
  type RenderOutcome,
  type UnrenderedFile,
} from './protocol.js';
import { runShutIn, type ShutInOutcome } from './run-shut-in.js';

/**
 * Renders files of a template that is not built in: EJS is JavaScript, so that is done where it can do no harm. See
 * render-process.ts. To compile it runs nothing of it, so that is done here. Throws a TemplateError when rendering ends
 * before all files are done.
 *
 * @returns an outcome for each file, in their order
 */
export async function renderForeign(
  files: readonly UnrenderedFile[],
  data: RenderData,
): Promise<readonly RenderOutcome[]> {
  const compiled = files.map(compileFile);
  const sources = compiled.filter((file) => 'source' in file);
  const rendered = sources.length === 0 ? [] : await renderCompiled(sources, data);
  const outcomes = rendered.values();
  return compiled.flatMap((file) => ('fault' in file ? file : (outcomes.next().value ?? [])));
}

function compileFile({ origin, text }: UnrenderedFile): CompiledFile | { readonly fault: string } {
  try {
    return { origin, source: compileToSource(text, origin) };
  } catch (error) {
    return { fault: (error as Error).message };
  }
}

async function renderCompiled(
  files: readonly CompiledFile[],
  data: RenderData,
): Promise<readonly RenderOutcome[]> {
  const program = readFileSync(join(import.meta.dirname, 'render-process.js'), 'utf8');
  const outcome = await runShutIn(
    `${program}\nrenderProcess.run(${JSON.stringify({ files, data })});`,
    {
      ...RENDER_LIMITS,
      directory: parse(process.cwd()).root,
    },
  );
  const lines = outcome.output
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as RenderLine);
  // Then it was not a template that ended it.
  if (lines.length === 0) throw new Error('the process that renders templates did not start');
  const outcomes = lines.filter((line) => line !== 'begin');
  if (outcome.ended === 'done' && outcomes.length === files.length) return outcomes;
  const culprit = files[Math.min(outcomes.length, files.length - 1)]?.origin ?? 'the template';
  throw new TemplateError(`${culprit}: ${REASONS[outcome.ended]}`);
}

const REASONS: Readonly<Record<ShutInOutcome['ended'], string>> = {
  done: 'ends the process in which it is rendered.',
  'too-long': `takes more than ${RENDER_LIMITS.milliseconds / 1000} s to render, with the files before it.`,
  'too-much-output': 'renders to more than 64 MB, with the files before it.',
  broken: `takes more memory than ${RENDER_LIMITS.memoryMegabytes} MB to render, or ends the process that does it.`,
};
