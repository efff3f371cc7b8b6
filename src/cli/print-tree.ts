interface Folder {
  readonly [name: string]: Folder | null;
}

/** Sorted paths as a tree, folders before files. */
export function printTree(root: string, paths: readonly string[]): string {
  return [root, ...branches(toFolder(paths), '')].join('\n');
}

function toFolder(paths: readonly string[]): Folder {
  const root: Record<string, Folder | null> = {};
  for (const path of paths) {
    let folder = root;
    const segments = path.split('/');
    const file = segments.pop() ?? '';
    for (const segment of segments) folder = folder[segment] ??= {};
    folder[file] = null;
  }
  return root;
}

function branches(folder: Folder, indent: string): string[] {
  const entries = Object.entries(folder).sort((a, b) => rank(a[1]) - rank(b[1]));
  return entries.flatMap(([name, content], index) => {
    const last = index === entries.length - 1;
    const line = `${indent}${last ? '└── ' : '├── '}${name}${content ? '/' : ''}`;
    return [line, ...(content ? branches(content, indent + (last ? '    ' : '│   ')) : [])];
  });
}

function rank(content: Folder | null): number {
  return content ? 0 : 1;
}
