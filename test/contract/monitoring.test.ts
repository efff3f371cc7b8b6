import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scrape } from './clients/metrics.js';
import { chat, embed } from './clients/requests.js';
import { chunksOf } from './expectations/chat-stream.js';
import { alertExpressions, dashboardExpressions, selectorsOf } from './monitoring/expressions.js';
import { settings } from './subject/settings.js';
import { useBackend } from './subject/use-backend.js';
import { answersPlausibly, fails, streamsText } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);
const path = '/v1/chat/completions';

const ops = join(settings.cwd, 'ops');

// Nobody has to watch a backend by these files.
test.skipIf(!existsSync(ops))(
  'the dashboard and the alert rules read what is exported, by labels that it has',
  async () => {
    await chunksOf(
      await backend.stream(path, chat(upstream.scene(streamsText(['a'])), { stream: true })),
    );
    await backend.post(path, chat(upstream.scene(fails(500))));
    await backend.post('/v1/embeddings', embed(upstream.scene(answersPlausibly())));

    const expressions = [...dashboardExpressions(ops), ...alertExpressions(ops)];
    const texts = await Promise.all(backend.processes.map((each) => each.get('/metrics')));
    const declared = texts.flatMap(({ text }) =>
      [...text.matchAll(/^# TYPE (\S+) (\w+)$/gmu)].flatMap(([, name = '', type]) =>
        type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
      ),
    );
    const samples = await scrape(backend.processes);

    expect(expressions.length).toBeGreaterThan(20);
    for (const { metric, labels } of expressions.flatMap(selectorsOf)) {
      expect(declared).toContain(metric);
      const known = new Set(
        samples.filter(({ name }) => name === metric).flatMap((each) => Object.keys(each.labels)),
      );
      // What has not happened yet has no labels.
      if (known.size > 0) expect([...known], metric).toEqual(expect.arrayContaining([...labels]));
    }
  },
);
