import type { TextClaim } from './combine-claims.js';

/** `.gitignore` and its kin: every line once, in the order of the layers. */
export function mergeIgnoreFiles(claims: readonly TextClaim[]): string {
  const seen = new Set<string>();
  const sections = claims.map(({ content }) =>
    content
      .trim()
      .split(/\r?\n/)
      .filter((line) => isNew(line, seen))
      .join('\n')
      .trim(),
  );
  return `${sections.filter((section) => section !== '').join('\n')}\n`;
}

function isNew(line: string, seen: Set<string>): boolean {
  const pattern = line.trim();
  if (pattern === '') return true;
  if (seen.has(pattern)) return false;
  seen.add(pattern);
  return true;
}
