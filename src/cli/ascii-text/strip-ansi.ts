/** Plain ASCII text as it is. See wrap-ansi.ts. */
export default function stripAnsi(text: string): string {
  return text;
}
