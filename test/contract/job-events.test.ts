import { describe, expect, test } from 'vitest';
import type { Frame } from './clients/event-stream.js';
import { ended, reaches, submit, submitChat } from './clients/jobs.js';
import { cacheableChat, chat, embed, summarize } from './clients/requests.js';
import { parseChunk, textOf } from './expectations/chat-stream.js';
import { expectProblem } from './expectations/problem.js';
import { chatCompletion } from './schemas/chat.js';
import { jobEvent, type JobEvent } from './schemas/jobs.js';
import { settings } from './subject/settings.js';
import { useBackend } from './subject/use-backend.js';
import { gate, type Gate } from './upstream/gate.js';
import { answersPlausibly, fails, streamsText } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);

function eventOf({ id, event, data }: Frame): JobEvent {
  const parsed = jobEvent.parse(JSON.parse(data));
  expect(id, 'the frame’s id is the sequence').toBe(String(parsed.sequence));
  expect(event, 'the frame’s event is the type').toBe(parsed.type);
  return parsed;
}

async function allEvents(path: string, headers: Record<string, string> = {}): Promise<JobEvent[]> {
  const stream = await backend.events(path, headers);
  const frames = await stream.all();
  expect(await stream.ended).toBe('complete');
  return frames.map(eventOf);
}

const words = ['one', ' two', ' three', ' four'];

/** A job whose stream stops before the chunk of that index until the gate opens. */
function heldStream(index: number, { opened }: Gate) {
  return upstream.scene(streamsText(words, { gates: { [index]: opened } }));
}

describe('GET /v1/jobs/{id}/events', () => {
  test('tells a job’s story from its first event, in order, and ends when the job does', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    const stream = await backend.events(accepted.urls.events);
    expect(stream.headers['content-type']).toMatch(/^text\/event-stream\b/u);
    expect(stream.headers['cache-control']).toBe('no-cache, no-transform');
    expect(stream.headers['x-accel-buffering']).toBe('no');
    const events = (await stream.all()).map(eventOf);
    expect(await stream.ended).toBe('complete');
    expect(events.map(({ type }) => type)).toEqual([
      'job.queued',
      'job.in_progress',
      'job.completed',
    ]);
    expect(events.map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(events.map(({ job }) => job)).toEqual(
      ['queued', 'in_progress', 'completed'].map((status) => ({ id: accepted.id, status })),
    );
    const times = events.map((event) => event.created_at);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test('tells it while it happens', async () => {
    const release = gate();
    const accepted = await submitChat(backend, chat(heldStream(2, release), { stream: true }));
    const stream = await backend.events(accepted.urls.events);
    const early = [];
    for (let index = 0; index < 4; index += 1) early.push(eventOf(await stream.next()).type);
    expect(early).toEqual(['job.queued', 'job.in_progress', 'job.delta', 'job.delta']);
    release.open();
    expect((await stream.all()).at(-1)?.event).toBe('job.completed');
  });

  test('tells it again to whoever comes late', async () => {
    const accepted = await submit(
      backend,
      '/v1/embeddings',
      embed(upstream.scene(answersPlausibly())),
    );
    await ended(backend, accepted);
    const first = await allEvents(accepted.urls.events);
    expect(first.at(-1)?.type).toBe('job.completed');
    expect(await allEvents(accepted.urls.events)).toEqual(first);
  });

  test('two listeners hear the same', async () => {
    const release = gate();
    const accepted = await submitChat(backend, chat(heldStream(3, release), { stream: true }));
    const both = [allEvents(accepted.urls.events), allEvents(accepted.urls.events)];
    release.open();
    const [one, other] = await Promise.all(both);
    expect(one).toEqual(other);
  });

  test('a failed job’s last event carries the error', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(fails(500))));
    const last = (await allEvents(accepted.urls.events)).at(-1);
    expect(last).toMatchObject({ type: 'job.failed', error: { code: 'upstream_error' } });
    expect(last?.error).toEqual((await ended(backend, accepted)).error);
  });

  test('a cancelled job’s last event says so', async () => {
    const accepted = await submitChat(backend, chat(heldStream(2, gate()), { stream: true }));
    const stream = await backend.events(accepted.urls.events);
    await stream.next();
    await backend.send('POST', accepted.urls.cancel);
    const events = (await stream.all()).map(eventOf);
    expect(events.at(-1)).toMatchObject({ type: 'job.cancelled', job: { status: 'cancelled' } });
  });

  test('progress that a task reports is told', async () => {
    const accepted = await submit(
      backend,
      '/v1/tasks/summarize',
      summarize(upstream.scene(answersPlausibly())),
    );
    const events = await allEvents(accepted.urls.events);
    events
      .filter(({ type }) => type === 'job.progress')
      .forEach(({ progress }) => {
        expect(progress).toBeTruthy();
      });
    expect(events.at(-1)?.type).toBe('job.completed');
  });
});

describe('the deltas of a streamed chat', () => {
  test('come as events, and add up to the result', async () => {
    const accepted = await submitChat(
      backend,
      chat(upstream.scene(streamsText(words)), { stream: true }),
    );
    const events = await allEvents(accepted.urls.events);
    const deltas = events.filter(({ type }) => type === 'job.delta');
    const chunks = deltas.map(({ delta }) =>
      parseChunk({ id: undefined, event: undefined, data: JSON.stringify(delta), at: 0 }),
    );
    const { result } = await ended(backend, accepted);
    expect(textOf(chunks)).toBe(words.join(''));
    expect(chatCompletion.parse(result).choices[0]?.message.content).toBe(words.join(''));
  });

  test('do not come to a job that shares its call with a stream', async (context) => {
    context.skip(settings.store === 'redis', 'a worker shares no call with another process');
    const release = gate();
    const scene = heldStream(2, release);
    const streamed = await backend.stream(
      '/v1/chat/completions',
      cacheableChat(scene, { stream: true }),
    );
    await streamed.next();
    const accepted = await submitChat(backend, cacheableChat(scene));
    await reaches(backend, accepted, 'in_progress');
    release.open();
    await streamed.all();
    const types = (await allEvents(accepted.urls.events)).map(({ type }) => type);
    expect(types).toEqual(['job.queued', 'job.in_progress', 'job.completed']);
  });

  test('do not come where the request does not say stream', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    const types = (await allEvents(accepted.urls.events)).map(({ type }) => type);
    expect(types).not.toContain('job.delta');
  });
});

describe('a client that lost its connection', () => {
  test('sees every event once, in order, however often it reconnects', async () => {
    const gates = words.map(() => gate());
    const scene = upstream.scene(
      streamsText(words, {
        gates: Object.fromEntries(gates.map(({ opened }, index) => [index + 1, opened])),
      }),
    );
    const accepted = await submitChat(backend, chat(scene, { stream: true }));
    const seen: JobEvent[] = [];
    // Each connection reads a few events and breaks; in between, the job goes on.
    for (const { open } of [...gates, gate()]) {
      const last = seen.at(-1)?.sequence;
      const stream = await backend.events(
        accepted.urls.events,
        last === undefined ? {} : { 'last-event-id': String(last) },
      );
      if (seen.length === 0) for (let n = 0; n < 2; n += 1) seen.push(eventOf(await stream.next()));
      seen.push(eventOf(await stream.next()));
      stream.leave();
      open();
    }
    const last = seen.at(-1)?.sequence ?? 0;
    seen.push(...(await allEvents(accepted.urls.events, { 'last-event-id': String(last) })));
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + 1));
    expect(seen).toEqual(await allEvents(accepted.urls.events));
    expect(seen.at(-1)?.type).toBe('job.completed');
  });

  test('may say ?after= in place of Last-Event-ID', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    const all = await allEvents(accepted.urls.events);
    expect(await allEvents(`${accepted.urls.events}?after=1`)).toEqual(all.slice(1));
    expect(await allEvents(`${accepted.urls.events}?after=0`)).toEqual(all);
    expect(await allEvents(accepted.urls.events, { 'last-event-id': '2' })).toEqual(all.slice(2));
  });

  // A browser's EventSource comes back whenever a stream ends; 204 is how the standard tells it to stop.
  test('is answered 204 when it had seen all', async () => {
    const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
    const last = (await allEvents(accepted.urls.events)).at(-1)?.sequence ?? 0;
    const answer = await backend.get(accepted.urls.events, { 'last-event-id': String(last) });
    expect([answer.status, answer.text]).toEqual([204, '']);
  });

  test.each(['last', '-1', '1.5', '1e3', '0x1', '9'.repeat(400)])(
    'is told when what it had seen is no sequence: %s',
    async (id) => {
      const accepted = await submitChat(backend, chat(upstream.scene(answersPlausibly())));
      const byHeader = await backend.get(accepted.urls.events, { 'last-event-id': id });
      expectProblem(byHeader, { status: 400, code: 'invalid_request' });
      const byQuery = await backend.get(`${accepted.urls.events}?after=${id}`);
      expectProblem(byQuery, { status: 400, code: 'invalid_request', param: 'after' });
    },
  );
});
