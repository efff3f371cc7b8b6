import { describe, expect, it } from 'vitest';
import {
  CompletionAssembler,
  completionToChunks,
  type ChatChunk,
  type ChatChunkChoice,
} from '../../src/inference/chat-chunks.js';

function chunk(...choices: ChatChunkChoice[]): ChatChunk {
  return { id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm', choices };
}

function assembleCompletion(chunks: readonly ChatChunk[]) {
  const assembler = new CompletionAssembler();
  for (const chunk of chunks) assembler.add(chunk);
  return assembler.finish();
}

describe('the assembler of completions', () => {
  it('joins text, and keeps how the answer ended', () => {
    const completion = assembleCompletion([
      chunk({ index: 0, delta: { role: 'assistant', content: '' } }),
      chunk({ index: 0, delta: { content: 'Hel' } }),
      chunk({ index: 0, delta: { content: 'lo' } }),
      chunk({ index: 0, delta: {}, finish_reason: 'stop' }),
    ]);
    expect(completion).toMatchObject({ id: 'c1', object: 'chat.completion', created: 7 });
    expect(completion.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Hello' },
      finish_reason: 'stop',
    });
  });

  it('joins the arguments of parallel tool calls by their index', () => {
    const call = (index: number, fields: object) =>
      chunk({ index: 0, delta: { tool_calls: [{ index, ...fields }] } });
    const completion = assembleCompletion([
      call(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }),
      call(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '{' } }),
      call(0, { function: { arguments: ':1}' } }),
      call(1, { function: { arguments: '}' } }),
      chunk({ index: 0, delta: {}, finish_reason: 'tool_calls' }),
    ]);
    expect(completion.choices[0]?.message).toMatchObject({
      content: null,
      tool_calls: [
        { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
        { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
      ],
    });
  });

  it('is not confused by tool calls that come late, twice or with empty fields', () => {
    const call = (index: number, fields: object) =>
      chunk({ index: 0, delta: { tool_calls: [{ index, ...fields }] } });
    const completion = assembleCompletion([
      call(3, { id: 'b', function: { name: 'g', arguments: '' } }),
      call(1, { id: 'a', function: { name: 'f', arguments: '{' } }),
      call(1, { id: '', function: { name: '', arguments: '}' } }),
      chunk({ index: 0, delta: {}, finish_reason: 'tool_calls' }),
    ]);
    expect(completion.choices[0]?.message.tool_calls).toEqual([
      { id: 'a', function: { name: 'f', arguments: '{}' } },
      { id: 'b', function: { name: 'g', arguments: '' } },
    ]);
  });

  it('keeps choices apart, whatever the order of their chunks', () => {
    const completion = assembleCompletion([
      chunk({ index: 1, delta: { content: 'b' } }),
      chunk({ index: 0, delta: { content: 'a' } }),
      chunk({ index: 1, delta: { content: 'B' }, finish_reason: 'length' }),
    ]);
    expect(completion.choices.map(({ message }) => message.content)).toEqual(['a', 'bB']);
  });

  it('keeps what it does not know, and the usage of the last chunk', () => {
    const completion = assembleCompletion([
      { ...chunk({ index: 0, delta: { reasoning_content: 'so' } }), system_fingerprint: 'fp' },
      chunk({ index: 0, delta: { reasoning_content: ' then' } }),
      { ...chunk(), usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    ]);
    expect(completion).toMatchObject({ system_fingerprint: 'fp', usage: { total_tokens: 3 } });
    expect(completion.choices[0]?.message).toMatchObject({ reasoning_content: 'so then' });
  });
});

describe('completionToChunks', () => {
  it('gives chunks that assemble to the same completion', () => {
    const completion = assembleCompletion([
      chunk({ index: 0, delta: { role: 'assistant', content: 'Hello' } }),
      chunk({
        index: 0,
        delta: { tool_calls: [{ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }] },
        finish_reason: 'tool_calls',
      }),
      { ...chunk(), usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } },
    ]);
    expect(assembleCompletion([...completionToChunks(completion)])).toEqual(completion);
  });
});
