import { TemplateError } from '../errors.js';
import { lineageOf } from '../template/lineage.js';
import type { Template } from '../template/template.js';
import { mergeEnvironmentFiles } from './merge-environment-files.js';
import { mergeIgnoreFiles } from './merge-ignore-files.js';
import { mergeJsonFiles } from './merge-json-files.js';

/** One layer's wish for one file. */
export interface Claim {
  readonly template: Template;
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable: boolean;
  readonly origin: string;
}

export interface TextClaim extends Claim {
  readonly content: string;
}

/** Files that several layers may contribute to, by the structure they have; the first that matches counts. */
const MERGES: readonly {
  readonly matches: RegExp;
  readonly merge: (claims: readonly TextClaim[]) => string;
}[] = [
  { matches: /(^|\/)\.env\.example$/, merge: mergeEnvironmentFiles },
  { matches: /(^|\/)\.[a-z]+ignore$/, merge: mergeIgnoreFiles },
  { matches: /\.json$/, merge: mergeJsonFiles },
];

/** The content of a file that one layer or more want, in order. Throws a TemplateError that names both when they disagree. */
export function combineClaims(path: string, claims: readonly Claim[]): string | Uint8Array {
  const [first, ...others] = claims;
  if (!first) throw new TemplateError(`${path}: no layer has it.`);
  if (others.length === 0) return first.content;
  const structured = MERGES.find(({ matches }) => matches.test(path));
  if (structured) return structured.merge(claims.map(requireText));
  return others.reduce(replace, first).content;
}

/** Whether a template was made on top of another one, and so may change what that one says. */
export function overrides(later: Template, earlier: Template): boolean {
  return later !== earlier && lineageOf(later).includes(earlier);
}

function replace(earlier: Claim, later: Claim): Claim {
  if (overrides(later.template, earlier.template)) return later;
  throw new TemplateError(
    `${later.origin}: ${later.path}: claimed by both ${earlier.origin} and ${later.origin}; give them different conditions.`,
  );
}

function requireText(claim: Claim): TextClaim {
  const { content } = claim;
  if (typeof content === 'string') return { ...claim, content };
  throw new TemplateError(`${claim.origin}: must be text to be merged with other layers' files.`);
}
