import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readAnswer } from './clients/client.js';
import { chat, embed, summarize } from './clients/requests.js';
import { openai, sdk } from './clients/sdk.js';
import { chunksOf, expectStreamToFail, parseChunk, textOf } from './expectations/chat-stream.js';
import { expectProblem, requestIdOf } from './expectations/problem.js';
import { heldBySockets } from './expectations/socket-buffers.js';
import { eventually, expectAbortWithinASecond, within } from './expectations/timing.js';
import { useBackend } from './subject/use-backend.js';
import { chunk, errorBody, textChunks } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import type { Script } from './upstream/scene.js';
import {
  answers,
  answersPlausibly,
  fails,
  frame,
  neverAnswers,
  stopsAfterHeaders,
  stopsHalfway,
  streams,
  streamsRaw,
  streamsText,
  streamsWithoutEnd,
  waitsFor,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/chat/completions';
const inStream = { stream: true };

describe('a stream', () => {
  test('has the headers that keep it from being held back', async () => {
    const scene = upstream.scene(streamsText(['Hi']));
    const stream = await backend.stream(path, chat(scene, inStream));
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream\b/u);
    expect(stream.headers['cache-control']).toBe('no-cache, no-transform');
    expect(stream.headers['x-accel-buffering']).toBe('no');
    expect(stream.headers['content-length']).toBeUndefined();
    expect(stream.headers['content-encoding']).toBeUndefined();
    requestIdOf(stream.headers);
    await stream.all();
  });

  test('begins when the upstream’s first chunk arrives, and not before', async () => {
    const first = gate();
    const second = gate();
    const scene = upstream.scene(
      streamsText(['Hi'], { gates: { 0: first.opened, 1: second.opened } }),
    );
    const exchange = backend.beginPost(path, chat(scene, inStream));
    await scene.call();
    expect(await within(500, exchange.answered), 'nothing to say yet').toBe('late');
    first.open();
    const message = await exchange.answered;
    const bytes = await new Promise<Buffer>((resolve) => {
      message.once('data', resolve);
    });
    expect(bytes.toString()).toMatch(/^data: /mu);
    second.open();
    await once(message, 'end');
  });

  test('passes each chunk on while the upstream holds back the next', async () => {
    const gates = [gate(), gate(), gate()];
    const scene = upstream.scene(
      streamsText(['a', 'b'], {
        gates: Object.fromEntries(gates.map(({ opened }, index) => [index + 1, opened])),
      }),
    );
    const stream = await backend.stream(path, chat(scene, inStream));
    for (const { open } of gates) {
      parseChunk(await stream.next(5_000));
      open();
    }
    await chunksOf(stream);
  });

  test.concurrent(
    'says something every 15 seconds while the upstream is silent',
    async ({ expect }) => {
      const silence = gate();
      const scene = upstream.scene(streamsText(['Hi'], { gates: { 1: silence.opened } }));
      const stream = await backend.stream(path, chat(scene, inStream));
      const began = performance.now();
      await eventually('a comment arrives', () => stream.comments.length > 0, 20_000);
      expect(performance.now() - began).toBeGreaterThan(10_000);
      silence.open();
      expect(textOf(await chunksOf(stream))).toBe('Hi');
    },
  );

  test.concurrent('of a job’s events says something every 15 seconds, too', async () => {
    const silence = gate();
    const held = upstream.scene(waitsFor(silence));
    const accepted = await backend.post('/v1/embeddings', embed(held), { prefer: 'respond-async' });
    const stream = await backend.events(`${accepted.header('location')}/events`);
    await eventually('a comment arrives', () => stream.comments.length > 0, 20_000);
    silence.open();
    await stream.all();
  });
});

describe('the end of a stream', () => {
  test('is [DONE], even where the upstream keeps its connection open', async () => {
    const scene = upstream.scene(async (call) => {
      call.head(200, { 'content-type': 'text/event-stream' });
      for (const part of [...textChunks(['Hi']), '[DONE]']) await call.write(frame(part));
      await call.abandonment();
    });
    const stream = await backend.stream(path, chat(scene, inStream));
    expect(textOf(await chunksOf(stream))).toBe('Hi');
    expect(await within(5_000, (await scene.call()).abandonment())).not.toBe('late');
  });
});

describe('back-pressure', () => {
  const piece = 'x'.repeat(64 * 1024);
  /** Client, balancer, backend, upstream: no deployment has more connections on the way. */
  const heldOnTheWay = heldBySockets(3);
  const heldByProcesses = 8 * 1024 * 1024;

  test('a client that does not read stops the upstream from being read; it loses nothing', async () => {
    let isHeldUp = false;
    let pieces = 0;
    const scene = upstream.scene(async (call) => {
      call.head(200, { 'content-type': 'text/event-stream' });
      for (; !isHeldUp; pieces++) await call.write(frame(chunk({ content: piece })));
      await call.write(frame(chunk({}, 'stop')));
      call.end(frame('[DONE]'));
    });
    const message = await backend.beginPost(path, chat(scene, inStream)).answered;
    const call = await scene.call();
    // Buffers along the way fill up; then nothing more may move.
    await eventually(
      'the upstream is no longer read',
      async () => {
        const before = call.bytesTaken;
        await sleep(700);
        expect(call.bytesTaken, 'bytes taken, though nobody reads them').toBeLessThan(
          heldOnTheWay + heldByProcesses,
        );
        return call.bytesTaken === before;
      },
      20_000,
    );
    isHeldUp = true;
    const answer = await readAnswer(message);
    expect(answer.text.split(piece).length - 1, 'pieces that arrive').toBe(pieces);
    expect(answer.text.endsWith('data: [DONE]\n\n')).toBe(true);
  });
});

const goodStart = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Once' })];
const cuts: [string, Script][] = [
  ['no finish_reason and no [DONE]', streams(goodStart, { ending: 'no done', usage: false })],
  ['[DONE] but no finish_reason', streams(goodStart, { usage: false })],
  [
    'a finish_reason but no [DONE]',
    streams([...goodStart, chunk({}, 'stop')], { ending: 'no done', usage: false }),
  ],
  ['a broken connection', streams(goodStart, { ending: 'broken', usage: false })],
  [
    'an error frame',
    streamsRaw([
      ...goodStart.map(frame),
      frame(errorBody('The server had an error.', 'server_error')),
      frame('[DONE]'),
    ]),
  ],
  [
    'a frame that is no JSON',
    streamsRaw([...goodStart.map(frame), frame('{"half'), frame('[DONE]')]),
  ],
  [
    'a frame that is cut in two',
    streamsRaw([...goodStart.map(frame), frame(chunk({}, 'stop')).slice(0, 40)]),
  ],
];

describe('a stream that the upstream ends with', () => {
  describe.each(cuts)('%s', (_case, script) => {
    test('ends with an error frame and without [DONE]', async () => {
      const scene = upstream.scene(script);
      const stream = await backend.stream(path, chat(scene, inStream));
      await expectStreamToFail(stream);
      const chunks = stream.frames.slice(0, -1).map(parseChunk);
      expect(textOf(chunks)).toBe('Once');
    });

    test('makes the SDK throw', async () => {
      const scene = upstream.scene(script);
      const stream = await openai(backend).chat.completions.create({
        model: scene.model,
        messages: [{ role: 'user', content: 'Tell me a story.' }],
        stream: true,
      });
      let text = '';
      const read = async () => {
        for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
      };
      await expect(read()).rejects.toThrow(sdk.APIError);
      expect(text).toBe('Once');
    });
  });
});

describe('a stream that fails before its first chunk is an ordinary problem', () => {
  test.each<[string, Script, number, string]>([
    ['an error status', fails(500), 502, 'upstream_error'],
    ['an error status of the client’s own making', fails(400), 400, 'upstream_code'],
    ['a rate limit', fails(429), 429, 'upstream_code'],
    [
      'an error in its first frame',
      streamsRaw([frame(errorBody('No.', 'server_error'))]),
      502,
      'upstream_error',
    ],
    ['the end, at once', streamsRaw([]), 502, 'upstream_error'],
    ['a broken connection', streams([], { ending: 'broken', usage: false }), 502, 'upstream_error'],
    [
      'a page',
      answers('<html>Bad gateway</html>', { headers: { 'content-type': 'text/html' } }),
      502,
      'upstream_error',
    ],
    ['no JSON', streamsRaw([frame('oops')]), 502, 'upstream_error'],
  ])('upstream: %s', async (_case, script, status, code) => {
    const scene = upstream.scene(script);
    const answer = await backend.post(path, chat(scene, inStream));
    const type = status === 400 ? { type: 'upstream_type' } : {};
    expectProblem(answer, { status, code, ...type });
  });
});

describe('a client that goes away ends the upstream call within a second', () => {
  const phases: [string, Record<string, unknown>, Script][] = [
    ['a stream, before the upstream answered', inStream, neverAnswers],
    ['a stream, before the first chunk', inStream, stopsAfterHeaders('text/event-stream')],
    ['JSON, before the upstream answered', {}, neverAnswers],
    ['JSON, after the upstream’s headers', {}, stopsAfterHeaders()],
    ['JSON, in the middle of the body', {}, stopsHalfway],
    ['cacheable JSON, before the upstream answered', { temperature: 0 }, neverAnswers],
    [
      'a cacheable stream, before the first chunk',
      { ...inStream, temperature: 0 },
      stopsAfterHeaders('text/event-stream'),
    ],
  ];

  test.each(phases)('%s', async (_case, extra, script) => {
    const scene = upstream.scene(script);
    const exchange = backend.beginPost(path, chat(scene, extra));
    const call = await scene.call();
    await sleep(200);
    expect(call.abandoned, 'while the client waits, so does the backend').toBe(false);
    const left = performance.now();
    exchange.leave();
    await expectAbortWithinASecond(call, left);
  });

  const midStream: [string, Record<string, unknown>, Script][] = [
    ['chunks keep coming', inStream, streamsWithoutEnd('x')],
    ['the upstream is silent', inStream, streams(goodStart, { ending: 'never', usage: false })],
    [
      'cacheable, the upstream is silent',
      { ...inStream, temperature: 0 },
      streams(goodStart, { ending: 'never', usage: false }),
    ],
  ];

  test.each(midStream)('a stream, in the middle: %s', async (_case, extra, script) => {
    const scene = upstream.scene(script);
    const stream = await backend.stream(path, chat(scene, extra));
    await stream.next();
    await stream.next();
    const call = await scene.call();
    expect(call.abandoned).toBe(false);
    const left = performance.now();
    stream.leave();
    await expectAbortWithinASecond(call, left);
  });

  test('a stream that is not read, in the middle', async () => {
    const scene = upstream.scene(streamsWithoutEnd('x'.repeat(64 * 1024), 0));
    const exchange = backend.beginPost(path, chat(scene, inStream));
    await exchange.answered;
    const call = await scene.call();
    await eventually('the upstream is held up', async () => {
      const before = call.bytesTaken;
      await sleep(300);
      return call.bytesTaken === before;
    });
    const left = performance.now();
    exchange.leave();
    await expectAbortWithinASecond(call, left);
  });

  test.each<[string, (scene: { model: string }) => unknown]>([
    ['/v1/embeddings', embed],
    ['/v1/tasks/summarize', summarize],
    ['/v1/tasks/chat.completion', chat],
  ])('POST %s', async (route, request) => {
    const scene = upstream.scene(neverAnswers);
    const exchange = backend.beginPost(route, request(scene));
    const call = await scene.call();
    const left = performance.now();
    exchange.leave();
    await expectAbortWithinASecond(call, left);
  });

  test('a task’s stream, in the middle', async () => {
    const scene = upstream.scene(streamsWithoutEnd('x'));
    const stream = await backend.stream('/v1/tasks/chat.completion', chat(scene), {
      accept: 'text/event-stream',
    });
    await stream.next();
    const left = performance.now();
    stream.leave();
    await expectAbortWithinASecond(await scene.call(), left);
  });

  test('and only then: a call whose client stays is not ended', async () => {
    const scene = upstream.scene(async (call) => {
      await call.wait(2_500);
      await answersPlausibly()(call);
    });
    const answer = await backend.post(path, chat(scene));
    expect(answer.status, answer.text).toBe(200);
  });
});
