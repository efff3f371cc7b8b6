import { z } from 'zod';
import { defineTask } from '../inference/task.js';
import { completeStructured } from '../models/structured.js';

const input = z.strictObject({
  text: z.string().min(1).meta({ description: 'The text to summarize.' }),
  max_key_points: z.number().int().min(1).max(20).default(5),
  model: z.string().min(1).default('default'),
});

const output = z.strictObject({
  summary: z.string(),
  key_points: z.array(z.string()),
});

/** A worked example: copy this file to add a task of your own. */
export const summarize = defineTask({
  name: 'summarize',
  version: 1,
  description: 'Summarizes a text and lists its key points.',
  input: input.meta({ examples: [{ text: 'The quick brown fox jumps over the lazy dog.' }] }),
  output,
  deterministic: true,

  async run({ text, max_key_points: limit, model }, { models, progress }) {
    await progress(0, 'Reading the text');
    const { summary, key_points } = await completeStructured(models, {
      model,
      messages: [
        {
          role: 'system',
          content: `Summarize the user's text in a few sentences, and list at most ${limit} key points. Use only what the text says.`,
        },
        { role: 'user', content: text },
      ],
      output,
      outputName: 'summary',
    });
    return { summary, key_points: key_points.slice(0, limit) };
  },
});
