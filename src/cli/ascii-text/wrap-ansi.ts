/**
 * Wrapping of plain ASCII text. The build gives this, and its two neighbours, to cliui, which lays out `--help`, in the
 * place of packages that know every script and every emoji: parsing their tables takes longer than all else in a run.
 * Breaks at spaces; a word that is longer than the width stays whole.
 */
export default function wrapAnsi(text: string, width: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width))
    .join('\n');
}

function wrapLine(line: string, width: number): string {
  const [, indent = '', rest = ''] = /^(\s*)(.*)$/s.exec(line) ?? [];
  const lines = [indent];
  for (const word of rest.split(' ')) {
    const current = lines.at(-1) ?? '';
    if (current.trim() === '') lines[lines.length - 1] = current + word;
    else if (current.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${current} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
