import { TemplateError, type UserError } from '../errors.js';

export type JsonPath = readonly (string | number)[];

/** JSON that can say on which line something stands. */
export interface JsonSource {
  readonly file: string;
  readonly value: unknown;
  lineOf(path: JsonPath): number;
}

/** Throws an error, of a template unless otherwise said, with file and line for text that is not JSON. */
export function parseJsonSource(
  text: string,
  file: string,
  Failure: new (message: string) => UserError = TemplateError,
): JsonSource {
  try {
    const value: unknown = JSON.parse(text);
    return { file, value, lineOf: (path) => lineAt(text, findOffset(text, path)) };
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(`${file}:${findBrokenLine(text, message)}: not valid JSON: ${message}`);
  }
}

/** V8 does not always say where it stopped: then that is in the first line which nothing that follows could mend. */
function findBrokenLine(text: string, message: string): number {
  const end = text.trimEnd().length;
  const position = /position (\d+)/.exec(message)?.[1];
  if (position !== undefined) return lineAt(text, Math.min(Number(position), end));
  const lines = text.split('\n');
  const broken = lines.findIndex((_, index) =>
    isBroken(`${lines.slice(0, index + 1).join('\n')}\n`),
  );
  return broken < 0 ? lineAt(text, end) : broken + 1;
}

/** Whether this is no JSON even if more of it were to come. */
function isBroken(start: string): boolean {
  try {
    JSON.parse(start);
    return false;
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    const isCutOff = position !== undefined && Number(position) >= start.trimEnd().length;
    return !isCutOff && !/end of JSON input|Unterminated/.test(message);
  }
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

/** Offset of the key (in an object) or of the value (in a list) that the path names, in text known to be JSON. */
function findOffset(text: string, path: JsonPath): number {
  const scanner = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/gs;
  const trail: (string | number)[] = [];
  let key = 0;
  let previous = '';
  for (const { 0: token, index } of text.matchAll(scanner)) {
    const last = trail.at(-1);
    if (typeof last === 'string' && (previous === '{' || previous === ',') && token !== '}') {
      trail[trail.length - 1] = JSON.parse(token) as string;
      key = index;
    } else if (typeof last === 'number' && previous === ',') trail[trail.length - 1] = last + 1;
    const offset = typeof trail.at(-1) === 'string' ? key : index;
    if ((token !== '{' && token !== '[') || trail.length === path.length) {
      if (samePath(trail, path)) return offset;
    }
    if (token === '{') trail.push('');
    else if (token === '[') trail.push(0);
    else if (token === '}' || token === ']') trail.pop();
    previous = token;
  }
  return 0;
}

function samePath(a: JsonPath, b: JsonPath): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}
