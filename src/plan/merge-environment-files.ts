import { TemplateError } from '../errors.js';
import type { TextClaim } from './combine-claims.js';

/** `.env.example`: the layers' sections one after the other. A variable that two of them explain is a mistake. */
export function mergeEnvironmentFiles(claims: readonly TextClaim[]): string {
  const owners = new Map<string, string>();
  for (const { content, origin } of claims) {
    for (const variable of variablesOf(content)) {
      const owner = owners.get(variable);
      if (owner !== undefined && owner !== origin) {
        throw new TemplateError(`${variable} is set by both ${owner} and ${origin}.`);
      }
      owners.set(variable, origin);
    }
  }
  return claims.map(({ content }) => `${content.trim()}\n`).join('\n');
}

/** Commented-out ones count: `# PORT=3000` is how an example shows a default. */
function variablesOf(content: string): string[] {
  return [...content.matchAll(/^#? ?(?:export )?([A-Z][A-Z0-9_]*)=/gm)].flatMap(
    ([, name]) => name ?? [],
  );
}
