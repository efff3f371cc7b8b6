import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { chat, embed, summarize } from './clients/requests.js';
import { expectStreamToFail, parseChunk, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { chatCompletion } from './schemas/chat.js';
import { taskList, type Task } from './schemas/tasks.js';
import { useBackend } from './subject/use-backend.js';
import { completion } from './upstream/answers.js';
import {
  answers,
  answersPlausibly,
  fails,
  schemaAskedFor,
  streams,
  streamsText,
} from './upstream/scripts.js';
import { textChunks } from './upstream/answers.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const asStream = { accept: 'text/event-stream' };

let tasks: Task[] = [];
beforeAll(async () => {
  tasks = (await backend.get('/v1/tasks')).as(taskList).data;
});

function schemaOf(name: string, side: 'input_schema' | 'output_schema') {
  const task = tasks.find((each) => each.name === name);
  if (task === undefined) throw new Error(`GET /v1/tasks does not list ${name}.`);
  return new Ajv2020({ strict: false, validateFormats: false }).compile(task[side]);
}

describe('GET /v1/tasks', () => {
  test('lists the built-in tasks and the worked example', () => {
    const names = tasks.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['chat.completion', 'embedding', 'summarize']));
    expect(new Set(names).size).toBe(names.length);
  });

  test.each([
    ['chat.completion', true],
    ['embedding', false],
  ])('says of %s whether it streams: %s', (name, streaming) => {
    expect(tasks.find((task) => task.name === name)?.streaming).toBe(streaming);
  });

  test('gives schemas that accept what the routes accept', () => {
    expect(schemaOf('chat.completion', 'input_schema')(chat({ model: 'm' }))).toBe(true);
    expect(schemaOf('embedding', 'input_schema')(embed({ model: 'm' }))).toBe(true);
    expect(schemaOf('summarize', 'input_schema')(summarize({ model: 'm' }))).toBe(true);
  });

  test('and that refuse what the routes refuse', () => {
    expect(schemaOf('chat.completion', 'input_schema')({ model: 'm' })).toBe(false);
    expect(schemaOf('embedding', 'input_schema')({ model: 'm' })).toBe(false);
    expect(schemaOf('summarize', 'input_schema')({})).toBe(false);
  });
});

describe('POST /v1/tasks/{name}', () => {
  test('runs the task and answers its output, as its schema says', async () => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/tasks/summarize', summarize(scene));
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
    const conforms = schemaOf('summarize', 'output_schema');
    expect(conforms(answer.json), JSON.stringify(conforms.errors)).toBe(true);
    expect(answer.json).toMatchObject({
      summary: expect.any(String) as string,
      key_points: [expect.any(String)],
    });
    expect(scene.calls.length).toBe(1);
  });

  test('chat.completion is the same as the chat route', async () => {
    const scene = upstream.scene(
      answers(
        ' {"id":"x","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"vendor":12345678901234567890}',
      ),
    );
    const byTask = await backend.post('/v1/tasks/chat.completion', chat(scene));
    const byRoute = await backend.post('/v1/chat/completions', chat(scene));
    expect(byTask.status, byTask.text).toBe(200);
    expect(byTask.text).toBe(byRoute.text);
  });

  test('embedding is the same as the embeddings route', async () => {
    const scene = upstream.scene(answersPlausibly());
    const byTask = await backend.post('/v1/tasks/embedding', embed(scene));
    const byRoute = await backend.post('/v1/embeddings', embed(scene));
    expect(byTask.status, byTask.text).toBe(200);
    expect(byTask.text).toBe(byRoute.text);
  });

  test.each([
    ['/v1/tasks/summarize', {}, 'text'],
    ['/v1/tasks/summarize', { text: 7 }, 'text'],
    ['/v1/tasks/chat.completion', { model: 'm', messages: [{}] }, 'messages.0.role'],
    ['/v1/tasks/embedding', { model: 'm' }, 'input'],
    ['/v1/tasks/summarize', [], null],
  ])('POST %s with %j is 400 and param names the field', async (path, input, param) => {
    const answer = await backend.post(path, input);
    expectProblem(answer, { status: 400, code: 'invalid_request', param });
  });

  test('an upstream failure is the same problem as on the chat route', async () => {
    const scene = upstream.scene(fails(500));
    const answer = await backend.post('/v1/tasks/summarize', summarize(scene));
    expectProblem(answer, { status: 502, code: 'upstream_error' });
  });
});

describe('structured output', () => {
  test('is asked of the upstream by a strict schema', async () => {
    const scene = upstream.scene(answersPlausibly());
    await backend.post('/v1/tasks/summarize', summarize(scene));
    const body = scene.calls[0]?.body ?? {};
    expect(body['response_format']).toMatchObject({
      type: 'json_schema',
      json_schema: { strict: true },
    });
    expect(schemaAskedFor(body)).toMatchObject({ type: 'object', additionalProperties: false });
  });

  test.each([
    ['no JSON', completion({ content: 'Here is your summary.' })],
    ['JSON of another shape', completion({ content: '{"summary":7}' })],
    ['a JSON text cut short', completion({ content: '{"summary":"a', finish_reason: 'length' })],
    ['a refusal', completion({ content: null, refusal: 'I will not.' })],
    ['nothing', completion({ content: null })],
  ])('that is %s never reaches the client as an output', async (_case, body) => {
    const scene = upstream.scene(answers(body));
    const answer = await backend.post('/v1/tasks/summarize', summarize(scene));
    expectProblem(answer, { status: 502, code: 'upstream_error' });
  });
});

describe('POST /v1/tasks/{name} with Accept: text/event-stream', () => {
  const words = ['Hello', ' task', '.'];

  test('a task that streams: deltas, then the whole output, then [DONE]', async () => {
    const scene = upstream.scene(streamsText(words));
    const stream = await backend.stream('/v1/tasks/chat.completion', chat(scene), asStream);
    expect(stream.headers['cache-control']).toBe('no-cache, no-transform');
    const frames = await stream.all();
    expect(await stream.ended).toBe('complete');
    expect(frames.at(-1)?.data).toBe('[DONE]');
    const output = frames.at(-2);
    expect(output?.event).toBe('output');
    const { choices } = chatCompletion.parse(JSON.parse(output?.data ?? ''));
    expect(choices[0]).toMatchObject({
      message: { content: 'Hello task.' },
      finish_reason: 'stop',
    });
    const deltas = frames.slice(0, -2);
    expect(new Set(deltas.map(({ event }) => event))).toEqual(new Set(['delta']));
    expect(textOf(deltas.map(parseChunk))).toBe('Hello task.');
    expect(scene.calls[0]?.body['stream']).toBe(true);
  });

  test.each(['text/event-stream;q=0.9', 'application/json;q=0.1, text/event-stream'])(
    'is understood among other words: Accept: %s',
    async (accept) => {
      const scene = upstream.scene(streamsText(words));
      const stream = await backend.stream('/v1/tasks/chat.completion', chat(scene), { accept });
      expect((await stream.all()).at(-1)?.data).toBe('[DONE]');
    },
  );

  test('a task that does not stream answers JSON', async () => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/tasks/embedding', embed(scene), asStream);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
  });

  test.each(['*/*', 'application/json', ''])('Accept: "%s" is JSON', async (accept) => {
    const scene = upstream.scene(answersPlausibly());
    const answer = await backend.post('/v1/tasks/chat.completion', chat(scene), { accept });
    expect(answer.headers['content-type']).toMatch(/^application\/json\b/u);
  });

  test('a stream that is cut ends with an error frame, without output and without [DONE]', async () => {
    const script = streams(textChunks(words).slice(0, -1), { ending: 'broken', usage: false });
    const stream = await backend.stream(
      '/v1/tasks/chat.completion',
      chat(upstream.scene(script)),
      asStream,
    );
    await expectStreamToFail(stream);
    expect(stream.frames.map(({ event }) => event)).not.toContain('output');
  });

  test('what fails before the first delta is an ordinary problem', async () => {
    const scene = upstream.scene(fails(503));
    const answer = await backend.post('/v1/tasks/chat.completion', chat(scene), asStream);
    expectProblem(answer, { status: 502, code: 'upstream_error' });
  });
});
