import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

interface Library {
  readonly name: string;
  readonly license: string;
  /** Lines that say whose it is. */
  readonly copyright: string;
  readonly text: string;
}

/**
 * The licences of every library that has code in the bundle: shipping their code means shipping their terms.
 * @param others modules that are in other files of the package, filled in by the time that these are written
 * Libraries with the same terms are listed together, above one copy of the text.
 */
export function thirdPartyLicenses(others: readonly string[]): Plugin {
  return {
    name: 'third-party-licenses',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((output) =>
        output.type === 'chunk' ? Object.keys(output.modules) : [],
      );
      const folders = new Set([...modules, ...others].flatMap((id) => packageFolder(id) ?? []));
      const libraries = [...folders].sort().map(readLibrary);
      const source = print(groupByTerms(libraries));
      this.emitFile({ type: 'asset', fileName: 'THIRD_PARTY_LICENSES.txt', source });
    },
  };
}

function packageFolder(id: string): string | undefined {
  return /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0];
}

function readLibrary(folder: string): Library {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly license: string;
  };
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const full = file === undefined ? '' : readFileSync(join(folder, file), 'utf8');
  // What follows in Apache's licence is how to apply it, and no part of it.
  const terms = full.replace(/(END OF TERMS AND CONDITIONS)[^]*$/, '$1').trim();
  // A title may stand in a line with the copyright.
  const lines = terms.replace(/^(?:MIT License\s+)+(?=Copyright)/, '').split(/\r?\n/);
  // Terms have lines that begin with "copyright notice" and the like: those are not about whose it is.
  const isCopyright = (line: string): boolean =>
    /^\s*(copyright|\(c\))\s.*\d/i.test(line) || /^\s*Copyright\s/.test(line);
  const isTitle = (line: string): boolean =>
    /^\W*(the )?(mit|isc|bsd)[\w .()-]*licen[cs]e\W*(\(mit\))?\W*$/i.test(line);
  return {
    name: `${manifest.name} ${manifest.version}`,
    license: manifest.license,
    copyright: lines
      .filter(isCopyright)
      .map((line) => line.trim())
      .join('; '),
    text: lines
      .filter((line) => !isCopyright(line) && !isTitle(line))
      .join('\n')
      // A paragraph is a line, however it was broken and indented: terms are the same then, and pack together.
      .replace(/(?<=\S)[ \t]*\n[ \t]*(?=\S)/g, ' ')
      .replace(/[ \t]+/g, ' ')
      .trim(),
  };
}

function groupByTerms(libraries: readonly Library[]): ReadonlyMap<string, readonly Library[]> {
  const groups = new Map<string, Library[]>();
  for (const library of libraries) {
    const terms = library.text.replace(/\s+/g, ' ');
    groups.set(terms, [...(groups.get(terms) ?? []), library]);
  }
  return groups;
}

function print(groups: ReadonlyMap<string, readonly Library[]>): string {
  const sections = [...groups.values()].map((libraries) => {
    const names = libraries.map(({ name, license, copyright }) =>
      [`${name} (${license})`, copyright].filter((part) => part !== '').join(': '),
    );
    return `${names.join('\n')}\n\n${libraries[0]?.text ?? ''}\n`;
  });
  const head = 'create-ai-backend contains code of these libraries, under these licences.\n';
  return [head, ...sections].join(`\n${'-'.repeat(80)}\n\n`);
}
