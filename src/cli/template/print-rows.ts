import cliui from 'cliui';

/** Rows of a name and what is to be said of it, in two columns that fit the terminal. */
export function printRows(
  rows: readonly (readonly [name: string, text: string])[],
  width: number,
): readonly string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + INDENT + GAP;
  const layout = cliui({ width, wrap: true });
  for (const [name, text] of rows) {
    if (left <= width / 2)
      layout.div({ text: name, width: left, padding: [0, GAP, 0, INDENT] }, { text });
    else {
      layout.div({ text: name, padding: [0, 0, 0, INDENT] });
      if (text !== '') layout.div({ text, padding: [0, 0, 0, 2 * INDENT] });
    }
  }
  return rows.length === 0
    ? []
    : layout
        .toString()
        .split('\n')
        .map((line) => line.trimEnd());
}

const INDENT = 2;
const GAP = 2;
