import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { readAnswer, type Answer, type Client } from './clients/client.js';
import { cacheableChat, chat, embed, weatherTool } from './clients/requests.js';
import { chunksOf, expectStreamToFail, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { expectAbortWithinASecond, within } from './expectations/timing.js';
import { chatCompletion } from './schemas/chat.js';
import { oneProcess } from './subject/deployment.js';
import { settings } from './subject/settings.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { chunk, completion, textChunks, toolCallChunks, usage } from './upstream/answers.js';
import { gate } from './upstream/gate.js';
import type { Scene, Script } from './upstream/scene.js';
import {
  answers,
  answersPlausibly,
  fails,
  neverAnswers,
  streams,
  streamsRaw,
  streamsText,
} from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/chat/completions';

const miss = 'inference; fwd=miss';
const hit = 'inference; hit';
const bypass = 'inference; fwd=bypass';
const collapsed = 'inference; fwd=miss; collapsed';

/** The n-th call answers with its number, so that it can be seen which call an answer comes from. */
function numbered(): [Script, Script, Script] {
  const nth = (n: number) => answers(completion({ content: `answer ${String(n)}` }));
  return [nth(1), nth(2), nth(3)];
}

function contentOf(answer: Answer): unknown {
  return answer.as(chatCompletion).choices[0]?.message.content;
}

async function statusOf(
  request: unknown,
  headers: Record<string, string> = {},
  asked: Client = backend,
): Promise<unknown> {
  const answer = await asked.post(path, request, headers);
  expect(answer.status, answer.text).toBe(200);
  return answer.headers['cache-status'];
}

describe('by default, what is deterministic is cached', () => {
  test('temperature 0: the second answer is the first one, byte for byte', async () => {
    const scene = upstream.scene(...numbered());
    const first = await backend.post(path, cacheableChat(scene));
    const second = await backend.post(path, cacheableChat(scene));
    expect(first.headers['cache-status']).toBe(miss);
    expect(second.headers['cache-status']).toBe(hit);
    expect(second.text).toBe(first.text);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    expect(scene.calls.length).toBe(1);
  });

  test('embeddings', async () => {
    for (const encoding of ['float', 'base64']) {
      const scene = upstream.scene(answersPlausibly());
      const request = embed(scene, { encoding_format: encoding });
      const first = await backend.post('/v1/embeddings', request);
      const second = await backend.post('/v1/embeddings', request);
      expect(second.headers['cache-status']).toBe(hit);
      expect(second.text).toBe(first.text);
      expect(scene.calls.length).toBe(1);
    }
  });

  test.each([
    ['no temperature', {}],
    ['another temperature', { temperature: 0.1 }],
    ['a temperature of null', { temperature: null }],
  ])('%s is not', async (_case, extra) => {
    const scene = upstream.scene(...numbered());
    expect(await statusOf(chat(scene, extra))).toBe(bypass);
    expect(await statusOf(chat(scene, extra))).toBe(bypass);
    expect(scene.calls.length).toBe(2);
  });

  test('calls that run no inference say nothing of a cache', async () => {
    for (const route of ['/v1/models', '/v1/tasks', '/v1/jobs', '/livez']) {
      expect((await backend.get(route)).headers['cache-status']).toBeUndefined();
    }
  });
});

describe('the key', () => {
  test('does not depend on how the JSON is written', async () => {
    const scene = upstream.scene(...numbered());
    await statusOf(cacheableChat(scene, { top_p: 0.5, metadata: { a: '1', b: 'ü' } }));
    const rewritten = `{ "metadata":{"b":"\\u00fc", "a":"1"},\n "top_p": 5e-1, "temperature":0.0,
      "messages":[{"content":"Say hello.","role":"user"}], "model":"${scene.model}" }`;
    expect(await statusOf(rewritten)).toBe(hit);
  });

  test.each<[string, Record<string, unknown>]>([
    ['another message', { messages: [{ role: 'user', content: 'Say hello' }] }],
    ['another role', { messages: [{ role: 'system', content: 'Say hello.' }] }],
    ['another user', { user: 'someone-else' }],
    ['other metadata', { metadata: { a: '1' } }],
    ['a field that the backend does not know', { vendor_mode: 'fast' }],
    ['another seed', { seed: 2 }],
    ['null in place of nothing', { user: null }],
  ])('depends on the input: %s is another one', async (_case, change) => {
    const scene = upstream.scene(...numbered());
    await statusOf(cacheableChat(scene));
    const second = await backend.post(path, cacheableChat(scene, change));
    expect(second.headers['cache-status']).toBe(miss);
    expect(contentOf(second)).toBe('answer 2');
  });

  test('depends on the model', async () => {
    const [one, other] = [upstream.scene(...numbered()), upstream.scene(...numbered())];
    await statusOf(cacheableChat(one));
    expect(await statusOf(cacheableChat(other))).toBe(miss);
  });

  test('tells numbers apart that a double cannot', async () => {
    const scene = upstream.scene(...numbered());
    const withSeed = (seed: string) =>
      JSON.stringify(cacheableChat(scene)).replace(/\}$/u, `,"seed":${seed}}`);
    await statusOf(withSeed('9007199254740992'));
    expect(await statusOf(withSeed('9007199254740993'))).toBe(miss);
  });
});

describe('a request may say Cache-Control', () => {
  test('no-cache: it does not read, but it does write', async () => {
    const scene = upstream.scene(...numbered());
    const request = cacheableChat(scene);
    await statusOf(request);
    expect(await statusOf(request, { 'cache-control': 'no-cache' })).toBe(bypass);
    const third = await backend.post(path, request);
    expect(third.headers['cache-status']).toBe(hit);
    expect(contentOf(third)).toBe('answer 2');
    expect(scene.calls.length).toBe(2);
  });

  test('no-store: it neither reads nor writes', async () => {
    const scene = upstream.scene(...numbered());
    const request = cacheableChat(scene);
    expect(await statusOf(request, { 'cache-control': 'no-store' })).toBe(bypass);
    expect(await statusOf(request)).toBe(miss);
    const third = await backend.post(path, request, { 'cache-control': 'no-store' });
    expect(third.headers['cache-status']).toBe(bypass);
    expect(contentOf(third)).toBe('answer 3');
    expect(contentOf(await backend.post(path, request))).toBe('answer 2');
  });

  test('among other directives and in any case', async () => {
    const scene = upstream.scene(...numbered());
    await statusOf(cacheableChat(scene));
    const headers = { 'cache-control': 'max-age=0, No-Cache' };
    expect(await statusOf(cacheableChat(scene), headers)).toBe(bypass);
  });

  test('no-store shares no call that is in flight', async () => {
    const held = gate();
    const scene = upstream.scene(
      answers(completion({ content: 'held' }), { after: held.opened }),
      answers(completion({ content: 'my own' })),
    );
    const first = backend.post(path, cacheableChat(scene));
    await scene.call();
    const own = await backend.post(path, cacheableChat(scene), { 'cache-control': 'no-store' });
    expect(contentOf(own)).toBe('my own');
    held.open();
    expect(contentOf(await first)).toBe('held');
  });
});

describe('fifty identical requests at once are one upstream call', () => {
  const backend = useBackend(upstream, oneProcess);
  const crowd = Array.from({ length: 50 }, (_, index) => index);

  /** Holds the answer back until the crowd has had time to arrive. */
  function afterAMoment(script: Script): Script {
    return async (call) => {
      await call.wait(700);
      await script(call);
    };
  }

  function expectOneMiss(statuses: unknown[]): void {
    expect(statuses.filter((status) => status === miss)).toHaveLength(1);
    expect(statuses.filter((status) => status === collapsed || status === hit)).toHaveLength(49);
    expect(statuses, 'followers share the call in flight').toContain(collapsed);
  }

  test('as JSON', async () => {
    const scene = upstream.scene(afterAMoment(answers(completion())));
    const all = await Promise.all(crowd.map(() => backend.post(path, cacheableChat(scene))));
    expect(scene.calls.length).toBe(1);
    expect(new Set(all.map(({ text }) => text)).size).toBe(1);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expectOneMiss(all.map(({ headers }) => headers['cache-status']));
  });

  test('as streams', async () => {
    const scene = upstream.scene(afterAMoment(streamsText(['a', 'b', 'c'], { pause: 20 })));
    const request = cacheableChat(scene, { stream: true });
    const all = await Promise.all(crowd.map(() => backend.stream(path, request)));
    const texts = await Promise.all(all.map(async (stream) => textOf(await chunksOf(stream))));
    expect(new Set(texts)).toEqual(new Set(['abc']));
    expect(scene.calls.length).toBe(1);
    expectOneMiss(all.map(({ headers }) => headers['cache-status']));
  });

  test.each([
    ['JSON first', true],
    ['a stream first', false],
  ])('mixed, %s', async (_case, jsonFirst) => {
    const scene = upstream.scene(afterAMoment(answersPlausibly('Hello to all.')));
    const json = cacheableChat(scene);
    const streamed = cacheableChat(scene, { stream: true });
    const ask = (asJson: boolean): Promise<string> =>
      asJson
        ? backend.post(path, json).then((answer) => String(contentOf(answer)))
        : backend.stream(path, streamed).then(async (stream) => textOf(await chunksOf(stream)));
    const first = ask(jsonFirst);
    await scene.call();
    const rest = crowd.slice(1).map((index) => ask(index % 2 === 0));
    expect(new Set(await Promise.all([first, ...rest]))).toEqual(new Set(['Hello to all.']));
    expect(scene.calls.length).toBe(1);
  });

  test('of embeddings', async () => {
    const scene = upstream.scene(afterAMoment(answersPlausibly()));
    const all = await Promise.all(crowd.map(() => backend.post('/v1/embeddings', embed(scene))));
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
    expect(scene.calls.length).toBe(1);
  });

  test('a shared failure fails all of them, and the next request tries again', async () => {
    const scene = upstream.scene(afterAMoment(fails(500)), answersPlausibly());
    const all = await Promise.all(crowd.map(() => backend.post(path, cacheableChat(scene))));
    const failed = all.filter(({ status }) => status !== 200);
    // Whoever came after the failure began a new call, which is right.
    expect(failed.length).toBeGreaterThan(1);
    expect(scene.calls.length).toBeLessThanOrEqual(2);
    failed.forEach((answer) => expectProblem(answer, { status: 502, code: 'upstream_error' }));
    // Each problem is the caller's own: it names the caller's request.
    expect(new Set(failed.map(({ headers }) => headers['x-request-id'])).size).toBe(failed.length);
    expect((await backend.post(path, cacheableChat(scene))).status).toBe(200);
  });

  test('requests that are not cacheable share nothing', async () => {
    const scene = upstream.scene(afterAMoment(answers(completion())));
    await Promise.all(crowd.slice(0, 5).map(() => backend.post(path, chat(scene))));
    expect(scene.calls.length).toBe(5);
  });
});

describe('who leaves a shared call', () => {
  const backend = useBackend(upstream, oneProcess);

  async function begin(scene: Scene, count: number) {
    const first = backend.beginPost(path, cacheableChat(scene));
    await scene.call();
    const rest = Array.from({ length: count - 1 }, () =>
      backend.beginPost(path, cacheableChat(scene)),
    );
    // Followers make no upstream call that could be seen; give them time to join.
    await sleep(500);
    expect(scene.calls.length).toBe(1);
    return [first, ...rest];
  }

  test.each([
    ['a follower', 1],
    ['the one who came first', 0],
  ])('%s does not end it for the others', async (_case, leaving) => {
    const held = gate();
    const scene = upstream.scene(
      answers(completion({ content: 'shared' }), { after: held.opened }),
    );
    const exchanges = await begin(scene, 3);
    exchanges[leaving]?.leave();
    await sleep(300);
    expect(scene.calls[0]?.abandoned).toBe(false);
    held.open();
    for (const [index, { answered }] of exchanges.entries()) {
      if (index === leaving) continue;
      expect(contentOf(await readAnswer(await answered))).toBe('shared');
    }
    expect(scene.calls.length).toBe(1);
    expect(await statusOf(cacheableChat(scene), {}, backend), 'and it is stored').toBe(hit);
  });

  test('the last one ends it within a second, and the next request begins anew', async () => {
    const scene = upstream.scene(neverAnswers, answers(completion({ content: 'fresh' })));
    const exchanges = await begin(scene, 3);
    exchanges[0]?.leave();
    exchanges[1]?.leave();
    await sleep(300);
    expect(scene.calls[0]?.abandoned).toBe(false);
    const left = performance.now();
    exchanges[2]?.leave();
    await expectAbortWithinASecond(await scene.call(), left);
    expect(contentOf(await backend.post(path, cacheableChat(scene)))).toBe('fresh');
  });

  test('a stream goes on for the others when one leaves in the middle', async () => {
    const held = gate();
    const scene = upstream.scene(streamsText(['a', 'b', 'c'], { gates: { 2: held.opened } }));
    const request = cacheableChat(scene, { stream: true });
    const leader = await backend.stream(path, request);
    await leader.next();
    const follower = await backend.stream(path, request);
    await follower.next();
    leader.leave();
    await sleep(300);
    expect(scene.calls[0]?.abandoned).toBe(false);
    held.open();
    expect(textOf(await chunksOf(follower))).toBe('abc');
    expect(scene.calls.length).toBe(1);
  });

  test('who joins a stream in the middle gets it from its beginning, at once', async () => {
    const held = gate();
    const scene = upstream.scene(streamsText(['a', 'b', 'c'], { gates: { 3: held.opened } }));
    const request = cacheableChat(scene, { stream: true });
    const leader = await backend.stream(path, request);
    const early = [await leader.next(), await leader.next(), await leader.next()];
    const follower = await backend.stream(path, request);
    const late = [await follower.next(), await follower.next(), await follower.next()];
    expect(late.map(({ data }) => data)).toEqual(early.map(({ data }) => data));
    held.open();
    expect(textOf(await chunksOf(follower))).toBe('abc');
    expect(textOf(await chunksOf(leader))).toBe('abc');
  });

  test('a shared stream that is cut is cut for all of them', async () => {
    const held = gate();
    const scene = upstream.scene(
      streams(textChunks(['a']).slice(0, -1), {
        gates: { 1: held.opened },
        ending: 'broken',
        usage: false,
      }),
    );
    const request = cacheableChat(scene, { stream: true });
    const streamsOfAll = [await backend.stream(path, request), await backend.stream(path, request)];
    held.open();
    for (const stream of streamsOfAll) await expectStreamToFail(stream);
    expect(scene.calls.length).toBe(1);
  });
});

describe('streams are cached, too', () => {
  const inStream = { stream: true };
  const withUsage = { stream: true, stream_options: { include_usage: true } };

  test('a hit replays the stream', async () => {
    const scene = upstream.scene(streamsText(['Hello', ' again']));
    const first = await backend.stream(path, cacheableChat(scene, inStream));
    const original = await chunksOf(first);
    const second = await backend.stream(path, cacheableChat(scene, inStream));
    expect(second.headers['cache-status']).toBe(hit);
    expect(second.headers['content-type']).toBe(first.headers['content-type']);
    const replayed = await chunksOf(second);
    expect(textOf(replayed)).toBe(textOf(original));
    expect(replayed.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(scene.calls.length).toBe(1);
  });

  test('each replay shows usage as its own request asks for it', async () => {
    const scene = upstream.scene(streamsText(['Hi']));
    await chunksOf(await backend.stream(path, cacheableChat(scene, inStream)));
    const asked = await chunksOf(await backend.stream(path, cacheableChat(scene, withUsage)));
    expect(asked.map((each) => each.usage)).toEqual([...asked.slice(0, -1).map(() => null), usage]);
    expect(asked.at(-1)?.choices).toEqual([]);
    const unasked = await chunksOf(await backend.stream(path, cacheableChat(scene, inStream)));
    expect(unasked.map((each) => each.usage ?? null)).toEqual(unasked.map(() => null));
    expect(scene.calls.length).toBe(1);
  });

  test('a stream answers later JSON', async () => {
    const scene = upstream.scene(streamsText(['Hello', ' again']));
    await chunksOf(await backend.stream(path, cacheableChat(scene, inStream)));
    const answer = await backend.post(path, cacheableChat(scene));
    expect(answer.headers['cache-status']).toBe(hit);
    const { choices, model, usage: counted } = answer.as(chatCompletion);
    expect(choices).toMatchObject([
      { index: 0, message: { role: 'assistant', content: 'Hello again' }, finish_reason: 'stop' },
    ]);
    expect(model).toBe('upstream-model-2026');
    expect(counted).toEqual(usage);
    expect(scene.calls.length).toBe(1);
  });

  test('a stream of tool calls answers later JSON', async () => {
    const scene = upstream.scene(streams(toolCallChunks()));
    const tools = { tools: [weatherTool] };
    await chunksOf(await backend.stream(path, cacheableChat(scene, { ...tools, ...inStream })));
    const answer = await backend.post(path, cacheableChat(scene, tools));
    expect(answer.headers['cache-status']).toBe(hit);
    const [choice] = answer.as(chatCompletion).choices;
    expect(choice?.finish_reason).toBe('tool_calls');
    expect(choice?.message.tool_calls).toMatchObject([
      {
        id: 'call_upstream_1',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city":"Reykjavík"}' },
      },
    ]);
  });

  test('JSON answers a later stream', async () => {
    const scene = upstream.scene(answers(completion({ content: 'Hello again' })));
    await backend.post(path, cacheableChat(scene));
    const stream = await backend.stream(path, cacheableChat(scene, withUsage));
    expect(stream.headers['cache-status']).toBe(hit);
    const chunks = await chunksOf(stream);
    expect(textOf(chunks)).toBe('Hello again');
    expect(chunks.flatMap(({ choices }) => choices).at(-1)?.finish_reason).toBe('stop');
    expect(chunks[0]?.choices[0]?.delta['role']).toBe('assistant');
    expect(chunks.at(-1)?.usage).toEqual(usage);
    expect(scene.calls.length).toBe(1);
  });
});

describe('never stored', () => {
  const inStream = { stream: true };
  const half = [chunk({ role: 'assistant', content: '' }), chunk({ content: 'Once' })];

  test.each<[string, Script]>([
    ['an upstream failure', fails(500)],
    ['a refused request', fails(400)],
    ['a rate limit', fails(429)],
    ['garbage', answers('<html>')],
    ['a truncated answer', answers(completion({ finish_reason: 'length' }))],
    ['a filtered answer', answers(completion({ finish_reason: 'content_filter' }))],
    ['a refusal', answers(completion({ content: null, refusal: 'I will not.' }))],
  ])('%s as JSON', async (_case, script) => {
    const scene = upstream.scene(script, answersPlausibly());
    await backend.post(path, cacheableChat(scene));
    expect(await statusOf(cacheableChat(scene))).toBe(miss);
    expect(scene.calls.length).toBe(2);
  });

  test.each<[string, Script]>([
    ['without an end', streams(half, { ending: 'no done', usage: false })],
    ['that breaks', streams(half, { ending: 'broken', usage: false })],
    ['with [DONE] but no finish_reason', streams(half, { usage: false })],
    [
      'with a finish_reason but no [DONE]',
      streams([...half, chunk({}, 'stop')], { ending: 'no done', usage: false }),
    ],
    ['that was truncated', streams([...half, chunk({}, 'length')])],
    ['that was filtered', streams([...half, chunk({}, 'content_filter')])],
    [
      'that refuses',
      streams([chunk({ role: 'assistant', refusal: 'I will not.' }), chunk({}, 'stop')]),
    ],
    ['that says nothing', streamsRaw([])],
  ])('a stream %s', async (_case, script) => {
    const scene = upstream.scene(script, answersPlausibly());
    // Read to its end, whichever end that is.
    const { answered } = backend.beginPost(path, cacheableChat(scene, inStream));
    await within(
      10_000,
      readAnswer(await answered).catch(() => undefined),
    );
    expect(await statusOf(cacheableChat(scene))).toBe(miss);
    expect(scene.calls.length).toBe(2);
  });

  test('a stream that nobody stayed to hear', async () => {
    const scene = upstream.scene(
      streams(half, { ending: 'never', usage: false }),
      answersPlausibly(),
    );
    const stream = await backend.stream(path, cacheableChat(scene, inStream));
    await stream.next();
    stream.leave();
    await expectAbortWithinASecond(await scene.call(), performance.now());
    expect(await statusOf(cacheableChat(scene))).toBe(miss);
  });

  test('embeddings that failed', async () => {
    const scene = upstream.scene(fails(500), answersPlausibly());
    await backend.post('/v1/embeddings', embed(scene));
    expect((await backend.post('/v1/embeddings', embed(scene))).status).toBe(200);
  });
});

describe('CACHE_POLICY=always', () => {
  const eager = useConfiguredBackend(upstream, { env: { CACHE_POLICY: 'always' } });

  test('what is not deterministic is cached as well', async () => {
    const scene = upstream.scene(...numbered());
    const request = chat(scene, { temperature: 0.9 });
    const first = await eager.post(path, request);
    const second = await eager.post(path, request);
    expect(first.headers['cache-status']).toBe(miss);
    expect(second.headers['cache-status']).toBe(hit);
    expect(second.text).toBe(first.text);
  });
});

describe('CACHE_POLICY=off', () => {
  const plain = useConfiguredBackend(upstream, { env: { CACHE_POLICY: 'off' } });

  test('nothing is stored', async () => {
    const scene = upstream.scene(...numbered());
    for (const content of ['answer 1', 'answer 2']) {
      const answer = await plain.post(path, cacheableChat(scene));
      expect(answer.headers['cache-status']).toBe(bypass);
      expect(contentOf(answer)).toBe(content);
    }
  });

  test('nothing is shared', async () => {
    const scene = upstream.scene(async (call) => {
      await call.wait(300);
      await answersPlausibly()(call);
    });
    await Promise.all([1, 2, 3].map(() => plain.post('/v1/embeddings', embed(scene))));
    expect(scene.calls.length).toBe(3);
  });
});

describe('a small cache that forgets soon', () => {
  const small = useConfiguredBackend(upstream, {
    env: { CACHE_TTL_SECONDS: '3', CACHE_MAX_ENTRIES: '3' },
  });
  const cacheStatus = async (scene: Scene) =>
    (await small.post(path, cacheableChat(scene))).headers['cache-status'];

  test('an entry is used until CACHE_TTL_SECONDS have passed, and then no more', async () => {
    const scene = upstream.scene(answersPlausibly());
    expect(await cacheStatus(scene)).toBe(miss);
    expect(await cacheStatus(scene)).toBe(hit);
    await sleep(3_300);
    expect(await cacheStatus(scene)).toBe(miss);
  });

  test('no more than CACHE_MAX_ENTRIES are kept', async (context) => {
    context.skip(
      settings.store === 'redis',
      'a shared cache is bounded by the memory of its Redis',
    );
    const scenes = Array.from({ length: 4 }, () => upstream.scene(answersPlausibly()));
    for (const scene of scenes) expect(await cacheStatus(scene)).toBe(miss);
    const statuses = [];
    for (const scene of scenes.toReversed()) statuses.push(await cacheStatus(scene));
    expect(statuses.slice(0, 3)).toEqual([hit, hit, hit]);
    expect(statuses[3]).toBe(miss);
  });
});
