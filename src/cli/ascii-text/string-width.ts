/** Columns that plain ASCII text takes. See wrap-ansi.ts. */
export default function stringWidth(text: string): number {
  return text.length;
}
