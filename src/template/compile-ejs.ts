import { Script } from 'node:vm';
import ejs from 'ejs';
import { TemplateError } from '../errors.js';
import type { Render, RenderData } from './template.js';

const LOCALS = ['project', 'options', 'facts'];

/** `<%= %>` is not escaped: nothing here writes HTML. Strict, so that a name that does not exist is an error. */
const OPTIONS = { strict: true, escape: String, destructuredLocals: LOCALS };

/** Throws a TemplateError with file and line for what cannot be compiled; so does the function it returns for what cannot be rendered. */
export function compileEjs(text: string, file: string): Render {
  const render = compile(text, file);
  return (data: RenderData) => {
    try {
      return render(data);
    } catch (error) {
      throw toTemplateError(error, file);
    }
  };
}

/** The body of the function that ejs would make, for the build to store: `(locals, escapeFn) => string`. */
export function precompileEjs(text: string, file: string): string {
  compile(text, file);
  const template = new ejs.Template(text, { ...OPTIONS, compileDebug: false });
  template.compile();
  return `"use strict";\n${template.source}`;
}

/**
 * The body of a function `(locals, escapeFn, include, __at) => string` that keeps `__at.line` at the line of the template. Runs
 * nothing of it. Throws a TemplateError with file and line for what cannot be compiled.
 */
export function compileToSource(text: string, file: string): string {
  compile(text, file);
  const template = new ejs.Template(text, { ...OPTIONS, compileDebug: true });
  template.compile();
  return template.source.replaceAll(/^ {4}; __line = (\d+)$/gm, '    ; __at.line = $1');
}

function compile(text: string, file: string): ejs.TemplateFunction {
  const options = { ...OPTIONS, compileDebug: true, includer: refuseInclude };
  try {
    return ejs.compile(text, { ...options, filename: file });
  } catch (error) {
    const message = (error as Error).message.split(' in ', 1)[0] ?? '';
    const line = findSyntaxError(text) ?? findUnclosedTag(text, message);
    throw new TemplateError(`${file}${line === undefined ? '' : `:${line}`}: ${message}`);
  }
}

function refuseInclude(): never {
  throw new Error('include() is not available: a template file stands for itself');
}

/** ejs reports `path:line`, an excerpt and, after an empty line, the message. */
function toTemplateError(error: unknown, file: string): TemplateError {
  const { message } = error as Error;
  const line = message.startsWith(`${file}:`)
    ? /^\d+/.exec(message.slice(file.length + 1))?.[0]
    : undefined;
  const reason = message.slice(message.lastIndexOf('\n\n') + 1).trim();
  return new TemplateError(`${file}${line === undefined ? '' : `:${line}`}: ${reason}`);
}

/**
 * Where a syntax error lies. ejs does not say, but its code sets `__line = n` as it goes,
 * so the last one before the place that V8 complains about is the line of the template.
 */
function findSyntaxError(text: string): number | undefined {
  const template = new ejs.Template(text, OPTIONS);
  try {
    template.compile();
    return undefined;
  } catch {
    return lastLineMark(template.source);
  }
}

function lastLineMark(source: string): number | undefined {
  if (source === '') return undefined;
  try {
    new Script(`"use strict";(function(){${source}})`, { filename: 'template' });
    return undefined;
  } catch (error) {
    const reported = /^template:(\d+)/.exec((error as Error).stack ?? '')?.[1];
    const before = source.split('\n').slice(0, Number(reported)).join('\n');
    const mark = [...before.matchAll(/__line = (\d+)/g)].at(-1)?.[1];
    return mark === undefined ? 1 : Number(mark);
  }
}

function findUnclosedTag(text: string, message: string): number | undefined {
  const tag = /close tag for "(.*?)"/s.exec(message)?.[1];
  if (tag === undefined) return undefined;
  const at = text.lastIndexOf(tag);
  return at < 0 ? undefined : text.slice(0, at).split('\n').length;
}
