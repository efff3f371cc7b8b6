import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineStreamingTask, defineTask } from '../../src/inference/task.js';
import { registerTasks } from '../../src/load-tasks.js';
import { startTestServer, type TestServer } from '../support/test-server.js';

const count = defineStreamingTask({
  name: 'count',
  version: 1,
  description: 'Counts.',
  input: z.strictObject({ to: z.number().int() }),
  output: z.strictObject({ counted: z.number() }),
  async *run({ to }, { progress }) {
    for (let number = 1; number <= to; number += 1) {
      await progress(number / to, 'counting');
      yield { number };
    }
    return { counted: to };
  },
});

let visits = 0;

const visitor = defineTask({
  name: 'visitor',
  version: 1,
  description: 'Says which visitor this is, which no request says.',
  input: z.strictObject({}).transform(() => ({ number: (visits += 1) })),
  output: z.strictObject({ number: z.number() }),
  deterministic: true,
  run: ({ number }) => Promise.resolve({ number }),
});

const wrong = defineTask({
  name: 'wrong',
  version: 1,
  description: 'Answers something other than it says.',
  input: z.strictObject({}),
  output: z.strictObject({ text: z.string() }),
  run: () => Promise.resolve({ text: 1 } as unknown as { text: string }),
});

describe("a task of one's own", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({}, { tasks: registerTasks([count, visitor, wrong]) });
  });
  afterAll(() => server.close());

  it('streams to those who ask for it', async () => {
    const accept = { accept: 'text/event-stream' };
    const response = await server.post('/v1/tasks/count', { to: 2 }, accept);
    expect(await response.text()).toBe(
      [
        'event: delta\ndata: {"number":1}\n\n',
        'event: delta\ndata: {"number":2}\n\n',
        'event: output\ndata: {"counted":2}\n\n',
        'data: [DONE]\n\n',
      ].join(''),
    );
  });

  it('answers JSON to all others', async () => {
    const response = await server.post('/v1/tasks/count', { to: 2 });
    expect(await response.json()).toEqual({ counted: 2 });
  });

  it('tells of its progress when it runs as a job', async () => {
    const accepted = await server.post('/v1/tasks/count', { to: 2 }, { prefer: 'respond-async' });
    const { urls } = (await accepted.json()) as { urls: { events: string } };
    const events = await (await server.get(urls.events)).text();
    expect(events.match(/^event: .*$/gm)).toEqual(
      ['queued', 'in_progress', 'progress', 'progress', 'completed'].map(
        (type) => `event: job.${type}`,
      ),
    );
    expect(events).toContain('"progress":{"fraction":0.5,"message":"counting"}');
  });

  it('is not answered from the cache for an input that its schema makes another one', async () => {
    for (const number of [1, 2, 3]) {
      const response = await server.post('/v1/tasks/visitor', {});
      expect(await response.json()).toEqual({ number });
    }
  });

  it('fails rather than answer what its schema does not allow', async () => {
    expect((await server.post('/v1/tasks/wrong', {})).status).toBe(500);
  });

  it('has a name that is its own, and fits into a URL', () => {
    expect(() => registerTasks([count, count])).toThrow('Two tasks are named "count".');
    expect(() => registerTasks([{ ...count, name: 'a/b' }])).toThrow('a/b');
  });
});
