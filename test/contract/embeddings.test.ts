import { describe, expect, test } from 'vitest';
import { embed } from './clients/requests.js';
import { expectProblem } from './expectations/problem.js';
import { base64Embeddings, floatEmbeddings } from './schemas/embeddings.js';
import { useBackend } from './subject/use-backend.js';
import { base64Of, embeddingList, numbersOf, vector } from './upstream/answers.js';
import { answers, answersPlausibly } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/embeddings';

describe('POST /v1/embeddings', () => {
  test('floats pass as the upstream wrote them, byte for byte', async () => {
    const body =
      '{"object":"list", "data":[{"object":"embedding","index":0,"embedding":[0.10000000000000000001,-1e-7, 1.0]}],"model":"m","usage":{"prompt_tokens":1,"total_tokens":1},"vendor":12345678901234567890}';
    const scene = upstream.scene(answers(body));
    const answer = await backend.post(path, embed(scene, { encoding_format: 'float' }));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    expect(answer.text).toBe(body);
  });

  test('without encoding_format the answer holds floats', async () => {
    const scene = upstream.scene(answersPlausibly());
    const answer = (await backend.post(path, embed(scene))).as(floatEmbeddings);
    expect(answer.data[0]?.embedding).toEqual(vector);
    expect(scene.calls[0]?.path).toBe(path);
  });

  test('base64 holds the same numbers, as little-endian 32-bit floats', async () => {
    const scene = upstream.scene(answersPlausibly());
    const request = embed(scene, { encoding_format: 'base64' });
    const answer = (await backend.post(path, request)).as(base64Embeddings);
    expect(numbersOf(answer.data[0]?.embedding ?? '')).toEqual(vector.map(Math.fround));
    expect(answer.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 });
  });

  test('a client that asks for base64 gets it from an upstream that knows floats only', async () => {
    const scene = upstream.scene(answers(embeddingList([vector, [1, 2]])));
    const request = embed(scene, { input: ['a', 'b'], encoding_format: 'base64' });
    const answer = (await backend.post(path, request)).as(base64Embeddings);
    expect(answer.data.map(({ embedding }) => numbersOf(embedding))).toEqual([
      vector.map(Math.fround),
      [1, 2],
    ]);
    expect(answer.model).toBe('upstream-embedding-2026');
  });

  test('a client that asks for floats gets them from an upstream that answers base64', async () => {
    const scene = upstream.scene(answers(embeddingList([base64Of([0.5, -2])])));
    const answer = await backend.post(path, embed(scene, { encoding_format: 'float' }));
    expect(answer.as(floatEmbeddings).data[0]?.embedding).toEqual([0.5, -2]);
  });

  test.each([
    ['a list of texts', ['a', 'b', 'c'], 3],
    ['a list of tokens', [1, 2, 3], 1],
    ['lists of tokens', [[1, 2], [3]], 2],
  ])('input may be %s', async (_case, input, count) => {
    const scene = upstream.scene(answersPlausibly());
    const answer = (await backend.post(path, embed(scene, { input }))).as(floatEmbeddings);
    expect(answer.data.map(({ index }) => index)).toEqual(
      Array.from({ length: count }, (_, n) => n),
    );
    expect(scene.calls[0]?.body['input']).toEqual(input);
  });

  test('every other field reaches the upstream, known or not', async () => {
    const scene = upstream.scene(answersPlausibly());
    const request = embed(scene, { dimensions: 6, user: 'u1', truncate: 'END', vendor: [null] });
    await backend.post(path, request);
    expect(scene.calls[0]?.body).toMatchObject(request);
  });

  test.each([
    ['no model', { input: 'a' }, 'model'],
    ['no input', { model: 'm' }, 'input'],
    ['an input of the wrong type', { model: 'm', input: 7 }, /^input/u],
    ['an unknown encoding', { model: 'm', input: 'a', encoding_format: 'hex' }, 'encoding_format'],
  ])('%s is 400 and param names the field', async (_case, request, param) => {
    const answer = await backend.post(path, request);
    expectProblem(answer, { status: 400, code: 'invalid_request', param });
  });
});
