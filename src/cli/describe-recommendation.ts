import cliui from 'cliui';
import type { RankedFramework, Recommendation } from '../recommend/recommend.js';

const SHOWN_FOR = 3;
const SHOWN_AGAINST = 2;
/** Columns that a criterion's name takes in the table, and how few are worth having. */
const LABEL = 46;
const LEAST_LABEL = 24;
const GAP = 2;
const INDENT = 4;

/** A recommendation for people: the verdict, the scores as a table where there is room, and what speaks for each. */
export function describeRecommendation(recommendation: Recommendation, width: number): string {
  const { summary, ranking, cautions } = recommendation;
  const layout = cliui({ width, wrap: true });
  const paragraph = (text: string, above = 0): void => {
    layout.div({ text, padding: [above, 0, 0, 0] });
  };
  const point = (mark: string, text: string): void => {
    layout.div({ text: mark, width: INDENT, padding: [0, 0, 0, GAP] }, { text });
  };
  paragraph(summary);
  for (const caution of cautions) paragraph(caution);
  for (const row of tableRows(recommendation, width)) layout.div(...row);
  for (const framework of ranking) {
    paragraph(headline(framework), 1);
    for (const reason of framework.for.slice(0, SHOWN_FOR)) point('+', reason);
    for (const reason of framework.against.slice(0, SHOWN_AGAINST)) point('-', reason);
  }
  paragraph(sayWhatIsMeasured(recommendation), 1);
  return layout.toString();
}

function headline({ title, score }: RankedFramework): string {
  return `${title}  ${score.toFixed(1)} of 5`;
}

type Row = readonly { readonly text: string; readonly width?: number }[];

/** A row to each criterion that counts, a column to each framework; none where the terminal is too narrow for them. */
function tableRows({ ranking }: Recommendation, width: number): Row[] {
  const columns = ['weight', ...ranking.map(({ title }) => title)].map((text) => text.length + GAP);
  const label = Math.min(LABEL, width - columns.reduce((sum, column) => sum + column, 0));
  if (label < LEAST_LABEL) return [];
  const row = (first: string, ...cells: readonly string[]): Row => [
    { text: first, width: label },
    ...cells.map((cell, index) => ({
      text: rightAligned(cell, columns[index]),
      width: columns[index] ?? 0,
    })),
  ];
  const criteria = ranking[0]?.criteria ?? [];
  return [
    [{ text: '' }],
    row('What counts', 'weight', ...ranking.map(({ title }) => title)),
    ...criteria.map(({ label: name, weight }, index) =>
      row(
        name,
        String(weight),
        ...ranking.map((each) => (each.criteria[index]?.score ?? 0).toFixed(1)),
      ),
    ),
    row('all of it', '', ...ranking.map(({ score }) => score.toFixed(1))),
  ];
}

function rightAligned(text: string, width = 0): string {
  return text.padStart(width);
}

function sayWhatIsMeasured({ measured, ranking }: Recommendation): string {
  const without = ranking.filter(({ isMeasured }) => !isMeasured).map(({ title }) => title);
  if (measured === null || without.length === ranking.length) {
    return 'Nothing of this is measured yet: the scores are opinions.';
  }
  const missing =
    without.length === 0
      ? ''
      : ` There are no figures of ${without.join(' and ')}, so that opinions count instead.`;
  return `Figures: ${measured}.${missing}`;
}
