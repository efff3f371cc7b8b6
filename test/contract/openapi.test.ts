import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { ApiKey, apiKeys } from './clients/api-keys.js';
import type { Answer, Client } from './clients/client.js';
import { ended, endOf, submitChat } from './clients/jobs.js';
import { chat, embed, summarize } from './clients/requests.js';
import { routes } from './contract-routes.js';
import { externalAddresses, linkedAddresses } from './expectations/page.js';
import { useBackend, useConfiguredBackend } from './subject/use-backend.js';
import { gate } from './upstream/gate.js';
import { answersPlausibly, fails, waitsFor } from './upstream/scripts.js';
import { useUpstream } from './upstream/use-upstream.js';

const upstream = useUpstream();
const backend = useBackend(upstream);

type Node = Record<string, unknown>;

let document: Node = {};
beforeAll(async () => {
  document = (await backend.get('/openapi.json')).json as Node;
});

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((node, key) => {
    const found = isNode(node) ? node[key] : undefined;
    return isNode(found) && typeof found['$ref'] === 'string' ? resolve(found['$ref']) : found;
  }, value);
}

function resolve(reference: string): unknown {
  const keys = reference
    .replace(/^#\//u, '')
    .split('/')
    .map((key) => decodeURIComponent(key.replaceAll('~1', '/').replaceAll('~0', '~')));
  return at(document, ...keys);
}

/** The operation of a route, whatever its parameters are called; a task's route may be templated or its own. */
function operation(method: string, template: string): Node | undefined {
  const paths = document['paths'];
  const same = (path: string) => path.replaceAll(/\{[^}]*\}/gu, '{}') === template;
  const [path] = Object.keys(isNode(paths) ? paths : {}).filter(same);
  const found = path === undefined ? undefined : at(paths, path, method.toLowerCase());
  return isNode(found) ? found : undefined;
}

function operationFor(method: string, template: string): Node {
  const found =
    operation(method, template) ??
    operation(method, template.replace(/^(\/v1\/tasks\/).*/u, '$1{}'));
  if (found === undefined) throw new Error(`${method} ${template} is not documented.`);
  return found;
}

/** A schema of the document, compiled with everything that it refers to. */
function compile(schema: unknown) {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...document, $id: 'contract:/openapi' });
  const absolute = JSON.parse(
    JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"contract:/openapi#/'),
  ) as Node;
  return ajv.compile(absolute);
}

function expectDocumented(method: string, template: string, answer: Answer): void {
  const found = operationFor(method, template);
  const [type = ''] = answer.header('content-type').split(';');
  const status = String(answer.status);
  const response = at(found, 'responses', status) ?? at(found, 'responses', 'default');
  const schema = at(response, 'content', type, 'schema');
  expect(schema, `${method} ${template} documents ${status} as ${type}`).toBeDefined();
  const conforms = compile(schema);
  expect(conforms(answer.json), JSON.stringify(conforms.errors) + answer.text).toBe(true);
}

function examplesOf(body: unknown): unknown[] {
  const media = at(body, 'content', 'application/json');
  const named = at(media, 'examples');
  const schemaExamples = at(media, 'schema', 'examples');
  return [
    at(media, 'example'),
    ...(isNode(named) ? Object.values(named).map((each) => at(each, 'value')) : []),
    at(media, 'schema', 'example'),
    ...(Array.isArray(schemaExamples) ? (schemaExamples as unknown[]) : []),
  ].filter((each) => each !== undefined);
}

const postRoutes = routes.filter(({ methods }) => methods.includes('POST'));

describe('GET /openapi.json', () => {
  test('is a valid document of OpenAPI 3.1', async () => {
    const answer = await backend.get('/openapi.json');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/(?:vnd\.oai\.openapi\+)?json\b/u);
    expect(document['openapi']).toMatch(/^3\.1\.\d+$/u);
    const result = await new Validator().validate(structuredClone(document));
    expect(result.valid, JSON.stringify(result.errors, null, 1)).toBe(true);
  });

  test.each(
    routes.flatMap(({ methods, template }) => methods.map((method) => [method, template] as const)),
  )('documents %s %s', (method, template) => {
    const { responses, summary, description } = operationFor(method, template);
    expect(Object.keys(isNode(responses) ? responses : {})).not.toEqual([]);
    expect(summary ?? description, 'and says what it does').toBeTruthy();
  });

  test('gives each operation a name of its own', () => {
    const ids = Object.values(document['paths'] as Node)
      .flatMap((item) => Object.values(item as Node))
      .filter(isNode)
      .map((each) => each['operationId'])
      .filter((id) => id !== undefined);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(0);
  });

  test('every reference leads somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/gu)].map(
      ([, to]) => to ?? '',
    );
    expect(references.filter((to) => resolve(to) === undefined)).toEqual([]);
  });

  test.each(postRoutes.filter(({ template }) => !template.endsWith('/cancel')))(
    'the examples of POST $template are accepted',
    async ({ template, example }) => {
      const body = at(operationFor('POST', template), 'requestBody');
      const examples = examplesOf(body);
      expect(examples.length, 'there is an example').toBeGreaterThan(0);
      const conforms = compile(at(body, 'content', 'application/json', 'schema'));
      for (const each of examples) {
        expect(conforms(each), JSON.stringify(conforms.errors)).toBe(true);
        const answer = await backend.post(example, each);
        expect([200, 202], answer.text).toContain(answer.status);
      }
    },
  );

  test('the bodies that the routes refuse, the document refuses, too', () => {
    for (const template of [
      '/v1/chat/completions',
      '/v1/embeddings',
      '/v1/tasks/summarize',
      '/v1/jobs',
    ]) {
      const body = at(operationFor('POST', template), 'requestBody');
      expect(compile(at(body, 'content', 'application/json', 'schema'))({}), template).toBe(false);
    }
  });
});

describe('what is answered is what is documented', () => {
  test.each<[string, string, () => Promise<Answer>]>([
    [
      'POST',
      '/v1/chat/completions',
      () => backend.post('/v1/chat/completions', chat(upstream.scene(answersPlausibly()))),
    ],
    [
      'POST',
      '/v1/embeddings',
      () => backend.post('/v1/embeddings', embed(upstream.scene(answersPlausibly()))),
    ],
    [
      'POST',
      '/v1/tasks/summarize',
      () => backend.post('/v1/tasks/summarize', summarize(upstream.scene(answersPlausibly()))),
    ],
    ['GET', '/v1/models', () => backend.get('/v1/models')],
    ['GET', '/v1/models/{}', () => backend.get('/v1/models/default')],
    ['GET', '/v1/tasks', () => backend.get('/v1/tasks')],
    ['GET', '/livez', () => backend.get('/livez')],
    ['GET', '/readyz', () => backend.get('/readyz')],
    [
      'POST',
      '/v1/jobs',
      () => backend.post('/v1/jobs', { type: 'embedding', request: embed({ model: 'm' }) }),
    ],
    ['GET', '/v1/jobs', () => backend.get('/v1/jobs')],
    [
      'GET',
      '/v1/jobs/{}',
      async () =>
        endOf(backend, await submitChat(backend, chat(upstream.scene(answersPlausibly())))),
    ],
    [
      'POST',
      '/v1/jobs/{}/cancel',
      async () => {
        const done = await ended(
          backend,
          await submitChat(backend, chat(upstream.scene(answersPlausibly()))),
        );
        return backend.send('POST', done.urls.cancel);
      },
    ],
  ])('%s %s', async (method, template, request) => {
    expectDocumented(method, template, await request());
  });

  test.each<[string, string, string, () => Promise<Answer>]>([
    [
      'malformed JSON',
      'POST',
      '/v1/chat/completions',
      () => backend.post('/v1/chat/completions', '{'),
    ],
    [
      'a wrong type',
      'POST',
      '/v1/embeddings',
      () => backend.send('POST', '/v1/embeddings', { body: 'x' }),
    ],
    [
      'an upstream failure',
      'POST',
      '/v1/chat/completions',
      () => backend.post('/v1/chat/completions', chat(upstream.scene(fails(500)))),
    ],
    ['an unknown job', 'GET', '/v1/jobs/{}', () => backend.get('/v1/jobs/unheard-of')],
    [
      'a job accepted',
      'POST',
      '/v1/chat/completions',
      () => backend.post('/v1/chat/completions', chat({ model: 'm' }), { prefer: 'respond-async' }),
    ],
  ])('%s: %s %s', async (_case, method, template, request) => {
    expectDocumented(method, template, await request());
  });
});

describe('what is refused is what is documented', () => {
  const key = new ApiKey('acme');
  const guarded = useConfiguredBackend(upstream, {
    env: { API_KEYS: apiKeys([key]), RATE_LIMIT_REQUESTS_PER_MINUTE: '1' },
  });
  const path = '/v1/chat/completions';
  const ask = (client: Client, headers: Record<string, string>, extra = {}) =>
    client.post(path, chat({ model: 'm' }, extra), headers);

  test('401: who shows no key; and the document says how a key is shown', async () => {
    expectDocumented('POST', path, await ask(guarded, {}));
    expectDocumented('GET', '/v1/jobs', await guarded.get('/v1/jobs'));
    const schemes = at(document, 'components', 'securitySchemes');
    expect(Object.values(isNode(schemes) ? schemes : {})).toContainEqual(
      expect.objectContaining({ type: 'http', scheme: 'bearer' }),
    );
  });

  test('429: who asks too often', async () => {
    await ask(guarded, key.headers);
    const limited = await ask(guarded, key.headers);
    expect(limited.status).toBe(429);
    expectDocumented('POST', path, limited);
  });

  test('409 and 422: whose Idempotency-Key is in use, or was used for something else', async () => {
    const release = gate();
    const scene = upstream.scene(waitsFor(release));
    const headers = { 'idempotency-key': scene.model };
    const first = backend.post(path, chat(scene), headers);
    await scene.call();
    const inUse = await backend.post(path, chat(scene), headers);
    release.open();
    await first;
    const reused = await backend.post(path, chat(scene, { user: 'x' }), headers);
    expect([inUse.status, reused.status]).toEqual([409, 422]);
    for (const answer of [inUse, reused]) expectDocumented('POST', path, answer);
  });

  test('a webhook is part of the body of a job', () => {
    const body = at(operationFor('POST', '/v1/jobs'), 'requestBody');
    const accepts = compile(at(body, 'content', 'application/json', 'schema'));
    const job = (webhook: unknown) => ({ type: 'summarize', request: { text: 'x' }, webhook });
    expect(accepts(job({ url: 'https://example.com/', events: ['job.failed'] }))).toBe(true);
    expect(accepts(job({ events: ['job.failed'] }))).toBe(false);
    expect(accepts(job({ url: 'https://example.com/', events: ['job.surprised'] }))).toBe(false);
  });
});

describe('GET /docs', () => {
  async function page(): Promise<{ path: string; answer: Answer }> {
    let path = '/docs';
    for (let hops = 0; hops < 5; hops += 1) {
      const answer = await backend.get(path);
      if (answer.status < 300 || answer.status >= 400) return { path, answer };
      path = new URL(answer.header('location'), `http://docs.invalid${path}`).pathname;
    }
    throw new Error('GET /docs goes in circles.');
  }

  test('is a page', async () => {
    const { answer } = await page();
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/html\b/u);
  });

  test('loads nothing from another host, and all that it loads is there', async () => {
    const { path, answer } = await page();
    const seen = new Set<string>();
    const waiting = [{ from: path, text: answer.text }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      expect(externalAddresses(next.text), `what ${next.from} loads`).toEqual([]);
      for (const address of linkedAddresses(next.text, next.from)) {
        if (seen.has(address)) continue;
        seen.add(address);
        const loaded = await backend.get(address);
        expect([address, loaded.status]).toEqual([address, 200]);
        if (/html|css/u.test(loaded.headers['content-type'] ?? '')) {
          waiting.push({ from: address, text: loaded.text });
        }
      }
    }
    expect(seen.size, 'a page that loads nothing shows nothing').toBeGreaterThan(0);
  });
});
