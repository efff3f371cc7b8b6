const WIDTH = 100;

/**
 * JSON as prettier prints it, so that a merged file passes the project's own format check: package.json with every list
 * broken over lines, as npm does, other files with lists on one line where they fit.
 */
export function printJson(value: unknown, lists: 'broken' | 'fitted'): string {
  return lists === 'broken' ? `${JSON.stringify(value, null, 2)}\n` : `${print(value, '', 0)}\n`;
}

/** @param before what stands on the line already, in columns */
function print(value: unknown, indent: string, before: number): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((item) => print(item, inner, 0)).join(', ')}]`;
    if (!flat.includes('\n') && before + flat.length < WIDTH) return flat;
    return block(
      '[',
      value.map((item) => print(item, inner, inner.length)),
      ']',
      indent,
    );
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => {
    const name = `${JSON.stringify(key)}: `;
    return name + print(member, inner, inner.length + name.length);
  });
  return members.length === 0 ? '{}' : block('{', members, '}', indent);
}

function block(open: string, lines: readonly string[], close: string, indent: string): string {
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(',\n')}\n${indent}${close}`;
}
