/** Goes on after a text: on a line of its own where that holds what a program said, which is many lines. */
export function addSentence(text: string, sentence: string): string {
  return `${text}${text.includes('\n') ? '\n' : ' '}${sentence}`;
}
