/** What is asked and answered, as OpenAI's API writes it. */

export const MODEL = 'bench';
/** The upstream thinks for a tenth of a second. */
export const SLOW_MODEL = 'bench-slow';
/** The upstream streams as a fast model does: a chunk every 25 ms. */
export const PACED_MODEL = 'bench-paced';

export const SLOW_MS = 100;
/** How each model streams. */
export const PACES = {
  [MODEL]: { chunks: 5, intervalMs: 1 },
  [SLOW_MODEL]: { chunks: 5, intervalMs: 1 },
  [PACED_MODEL]: { chunks: 100, intervalMs: 25 },
};

/** Stands where each request differs from every other, so that none is answered from a cache. */
export const UNIQUE = '000000000000';

/** The text of a request, about 600 bytes. */
export function chatRequest(model, { stream = false } = {}) {
  return JSON.stringify({
    model,
    messages: [
      {
        role: 'system',
        content:
          'You help the customers of a shop that sells bicycles. Answer in two sentences, in the language of the ' +
          'question, and never promise a date of delivery.',
      },
      {
        role: 'user',
        content:
          'The chain of the bicycle that I bought from you in spring comes off whenever I change into the smallest ' +
          'gear. Can I mend that at home, and which tools do I need for it?',
      },
    ],
    max_tokens: 200,
    temperature: 0.2,
    user: UNIQUE,
    ...(stream ? { stream: true } : {}),
  });
}

const ENVELOPE = {
  id: 'chatcmpl-9kQ2v7nLw3TzYb5Xc8Rd1Fh6Jm4P',
  created: 1_750_000_000,
  model: 'bench-2025-01-01',
  service_tier: 'default',
  system_fingerprint: 'fp_44709d6fcb',
};

const SENTENCE =
  'You can: turn the limit screw of the rear derailleur that is marked H clockwise by an eighth, and try again. ';

/** The text of an answer, about 1,000 bytes. */
export const COMPLETION = JSON.stringify({
  ...ENVELOPE,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: SENTENCE.repeat(4).trim(), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 92,
    completion_tokens: 104,
    total_tokens: 196,
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  },
});

/** One event of a stream, about 250 bytes. With `include_usage` each has a place for it, as OpenAI's have. */
export function chunkEvent({ delta = {}, finishReason = null, includeUsage }) {
  return event({
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    ...(includeUsage ? { usage: null } : {}),
  });
}

export function usageEvent(chunks) {
  const usage = { prompt_tokens: 92, completion_tokens: chunks, total_tokens: 92 + chunks };
  return event({ choices: [], usage });
}

export const DONE_EVENT = 'data: [DONE]\n\n';

function event(fields) {
  const chunk = { ...ENVELOPE, object: 'chat.completion.chunk', ...fields };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}
