/** Request bodies that most tests start from. */

interface Named {
  readonly model: string;
}

/** A chat request for a scene (or a model's name). Not cacheable: it names no temperature. */
export function chat(
  { model }: Named,
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  return { model, messages: [{ role: 'user', content: 'Say hello.' }], ...extra };
}

/** A chat request that the default cache policy admits. */
export function cacheableChat(
  scene: Named,
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  return chat(scene, { temperature: 0, ...extra });
}

/** An embeddings request. */
export function embed(
  { model }: Named,
  extra: Record<string, unknown> = {},
): Record<string, unknown> {
  return { model, input: 'Embed me.', ...extra };
}

/** The example task of every generated project. The scene is found by its name in the text. */
export function summarize({ model }: Named): Record<string, unknown> {
  return { text: `A text about ${model}, long enough to be worth a summary.` };
}

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather in a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    },
  },
} as const;
