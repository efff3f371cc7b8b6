/** What comes in a stream, one by one, whichever came together. */
export async function* partsOf<Part>(stream: AsyncIterable<readonly Part[]>): AsyncGenerator<Part> {
  for await (const parts of stream) yield* parts;
}
