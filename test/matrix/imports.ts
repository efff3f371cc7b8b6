import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import ts from 'typescript';
import type { Plan } from '../../src/plan/plan.js';

/** What a project's package.json declares. */
export interface Declared {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export type Sources = ReadonlyMap<string, string>;

export function textsOf({ files }: Plan): Sources {
  return new Map(
    files.flatMap(({ path, content }) => (typeof content === 'string' ? [[path, content]] : [])),
  );
}

export function declaredBy(sources: Sources): Declared {
  const { dependencies, devDependencies } = JSON.parse(
    sources.get('package.json') ?? '{}',
  ) as Partial<Declared>;
  return { dependencies: dependencies ?? {}, devDependencies: devDependencies ?? {} };
}

/** Whole programs come again and again: files are the same over most combinations. */
const known = new Map<string, readonly string[]>();

function specifiersIn(text: string): readonly string[] {
  const specifiers =
    known.get(text) ?? ts.preProcessFile(text).importedFiles.map(({ fileName }) => fileName);
  known.set(text, specifiers);
  return specifiers;
}

function isProgram(path: string): boolean {
  return /\.[cm]?[jt]s$/.test(path);
}

/** Imports that lead to no file of the project, to no declared package, or from what runs to what only tests have. */
export function findBrokenImports(sources: Sources): string[] {
  const { dependencies, devDependencies } = declaredBy(sources);
  const everything = { ...dependencies, ...devDependencies };
  return [...sources].flatMap(([path, text]) => {
    if (!isProgram(path)) return [];
    const declared = path.startsWith('src/') ? dependencies : everything;
    return specifiersIn(text)
      .filter((specifier) => !leadsSomewhere(path, specifier, sources, declared))
      .map((specifier) => `${path} imports ${specifier}`);
  });
}

function leadsSomewhere(
  path: string,
  specifier: string,
  sources: Sources,
  declared: Readonly<Record<string, string>>,
): boolean {
  if (!specifier.startsWith('.')) {
    const name = packageOf(specifier);
    return name in declared || builtinModules.includes(specifier.replace(/^node:/, ''));
  }
  const target = posix.join(posix.dirname(path), specifier);
  return [target, target.replace(/\.js$/, '.ts')].some((file) => sources.has(file));
}

/** Declared packages that no file imports. */
export function findUnusedPackages(sources: Sources): string[] {
  const imported = new Set(
    [...sources].flatMap(([path, text]) =>
      isProgram(path) ? [...specifiersIn(text), ...requiredIn(text)].map(packageOf) : [],
    ),
  );
  const { dependencies, devDependencies } = declaredBy(sources);
  return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !imported.has(name));
}

/** What is loaded by a `require` of the file's own, when it is needed. */
function requiredIn(text: string): string[] {
  return [...text.matchAll(/\b(?:require|resolve)\('([^'.][^']*)'\)/g)].map(
    ([, name = '']) => name,
  );
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
