import { describe, expect, test } from 'vitest';
import { chat, embed } from './clients/requests.js';
import { expectProblem } from './expectations/problem.js';
import { model, modelList } from './schemas/models.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { answersPlausibly } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();

describe('models, where "*" passes other names through', () => {
  const backend = useBackend(upstream);

  test('GET /v1/models lists the aliases in OpenAI’s shape, and never "*"', async () => {
    const answer = await backend.get('/v1/models');
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    const ids = answer.as(modelList).data.map(({ id }) => id);
    expect(ids).toContain('default');
    expect(ids).not.toContain('*');
  });

  test('GET /v1/models/{id} gives an alias as the list does', async () => {
    const listed = (await backend.get('/v1/models')).as(modelList).data;
    const single = (await backend.get('/v1/models/default')).as(model);
    expect(listed).toContainEqual(single);
  });

  test.each(['gpt-anything', 'vendor/model-7b', 'model:latest', 'ünïcode'])(
    'a name that "*" lets through can be retrieved: %s',
    async (name) => {
      const answer = await backend.get(`/v1/models/${encodeURIComponent(name)}`);
      expect(answer.as(model).id).toBe(name);
    },
  );
});

describe('models, where only aliases are served', () => {
  const target = upstream.scene(answersPlausibly());
  const backend = useConfiguredBackend(upstream, {
    models: {
      fast: [{ model: target.model }],
      plain: [{}],
      'vendor/big': [{ model: target.model }],
    },
  });

  test('the list holds exactly the aliases', async () => {
    const ids = (await backend.get('/v1/models')).as(modelList).data.map(({ id }) => id);
    expect(ids.toSorted()).toEqual(['fast', 'plain', 'vendor/big']);
  });

  test('an alias with a slash is retrieved by its encoded name', async () => {
    const answer = await backend.get('/v1/models/vendor%2Fbig');
    expect(answer.as(model).id).toBe('vendor/big');
  });

  test('the upstream is asked for the target’s model, and the rest of the request is untouched', async () => {
    const request = chat({ model: 'fast' }, { user: 'u-1', top_k: 5 });
    const answer = await backend.post('/v1/chat/completions', request);
    expect(answer.status, answer.text).toBe(200);
    expect(target.calls.at(-1)?.body).toEqual({ ...request, model: target.model });
  });

  test('a target without a model is asked by the alias’s own name', async () => {
    await backend.post('/v1/chat/completions', chat({ model: 'plain' }));
    expect(upstream.calls.at(-1)?.body['model']).toBe('plain');
  });

  test.each([
    ['/v1/chat/completions', chat({ model: 'unheard-of' })],
    ['/v1/chat/completions', chat({ model: 'unheard-of' }, { stream: true })],
    ['/v1/chat/completions', chat({ model: '*' })],
    ['/v1/embeddings', embed({ model: 'unheard-of' })],
    ['/v1/tasks/chat.completion', chat({ model: 'unheard-of' })],
    // A name that every JavaScript object has is no alias either.
    ['/v1/chat/completions', chat({ model: 'constructor' })],
  ])('any other model is 404 model_not_found: POST %s %j', async (path, request) => {
    const before = upstream.calls.length;
    const answer = await backend.post(path, request);
    expectProblem(answer, { status: 404, code: 'model_not_found', param: 'model' });
    expect(upstream.calls.length).toBe(before);
  });

  test('retrieving any other model is 404 model_not_found', async () => {
    const answer = await backend.get('/v1/models/unheard-of');
    expectProblem(answer, { status: 404, code: 'model_not_found' });
  });
});
