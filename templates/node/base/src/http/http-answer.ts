/** An answer as a value; each web framework sends it in its own way. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text, or frames of an event stream. A stream that throws has to end with its connection, not in good order. */
  readonly body: string | AsyncIterable<string>;
}

export function jsonAnswer(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body };
}
