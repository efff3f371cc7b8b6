import type { TemplateError } from '../../errors.js';
import type { Fault } from '../check-schema.js';
import type { JsonSource } from '../json-source.js';
import { toTemplateError } from '../parse-manifest.js';

/** Something that is wrong with a template, and where. */
export interface Finding {
  /** As messages call it, from the working directory. */
  readonly file: string;
  /** 1 where the whole file is meant. */
  readonly line: number;
  readonly message: string;
}

/** Errors of templates begin with the place: `file:line: reason`, or `file: reason`. */
export function toFinding({ message }: Pick<TemplateError, 'message'>): Finding {
  const [, file = '', line = '1', reason = message] =
    /^(.+?)(?::(\d+))?: (.*)$/s.exec(message) ?? [];
  return { file, line: Number(line), message: reason };
}

/** Something that is wrong with a manifest, where it stands there. */
export function findingAt(fault: Fault, source: JsonSource): Finding {
  return toFinding(toTemplateError(fault, source));
}

/** Each once, by place. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const unique = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...unique.values()].sort(
    (a, b) => compare(a.file, b.file) || a.line - b.line || compare(a.message, b.message),
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
