import { gzipSync } from 'node:zlib';

/** What is written to a socket, which then is read until nothing comes any more. */
export interface RawRequest {
  readonly name: string;
  readonly bytes: Buffer;
}

type Headers = readonly string[];

/** Bodies of more bytes are refused by a server that is asked these: `BODY_LIMIT_BYTES`. */
export const RAW_BODY_LIMIT = 10_000;

const NEW_LINE = Buffer.from('\r\n');

const JSON_TYPE = 'content-type: application/json';

const CHAT = JSON.stringify({
  model: 'mock',
  messages: [{ role: 'user', content: 'Hello' }],
  temperature: 0,
});

const EMBEDDING = '{"model":"mock","input":"Hello","dimensions":2}';

/** A head alone, or with a body that says of itself how long it is. */
function raw(
  name: string,
  line: string,
  headers: Headers = [],
  body?: string | Buffer,
): RawRequest {
  const content = Buffer.from(body ?? '');
  const length = body === undefined ? [] : [`content-length: ${content.length}`];
  const head = [`${line} HTTP/1.1`, 'host: example.test', ...headers, ...length, '', ''];
  return { name, bytes: Buffer.concat([Buffer.from(head.join('\r\n'), 'latin1'), content]) };
}

/** As it stands, up to the last byte. */
function verbatim(name: string, ...lines: readonly string[]): RawRequest {
  return { name, bytes: Buffer.from(lines.join('\r\n'), 'latin1') };
}

const post = (name: string, path: string, body: string | Buffer, ...headers: Headers) =>
  raw(name, `POST ${path}`, [JSON_TYPE, ...headers], body);

const chat = (name: string, body: string | Buffer, ...headers: Headers) =>
  post(name, '/v1/chat/completions', body, ...headers);

const get = (path: string, name = `GET ${path}`, ...headers: Headers) =>
  raw(name, `GET ${path}`, headers);

/** With a body that comes in chunks, which end as is said. */
function chunked(
  name: string,
  line: string,
  headers: Headers,
  chunks: readonly (string | Buffer)[],
  end = '0\r\n\r\n',
): RawRequest {
  const head = raw(name, line, ['transfer-encoding: chunked', ...headers]).bytes;
  const frames = chunks.map((chunk) => {
    const content = Buffer.from(chunk);
    return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, NEW_LINE]);
  });
  return { name, bytes: Buffer.concat([head, ...frames, Buffer.from(end)]) };
}

/** A request that does not come to its end. */
function cut(request: RawRequest, missing: number): RawRequest {
  return { name: request.name, bytes: request.bytes.subarray(0, -missing) };
}

const PATHS = [
  '/livez',
  '/readyz',
  '/openapi.json',
  '/v1/models',
  '/v1/models/default',
  '/v1/tasks',
  '/v1/tasks/summarize',
  '/v1/jobs',
  '/v1/jobs/job_1',
  '/v1/jobs/job_1/events',
  '/v1/jobs/job_1/cancel',
  '/v1/chat/completions',
  '/v1/embeddings',
  '/',
  '/nowhere',
  '/v1',
  '/v1/nowhere',
  '/v1/tasks/nowhere',
];

const METHODS = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST', 'TRACE', 'PROPFIND'];

const EVERY_METHOD = PATHS.flatMap((path) =>
  METHODS.map((method) => raw(`${method} ${path}`, `${method} ${path}`)),
);

const URLS = [
  '/livez/',
  '/readyz/',
  '/metrics/',
  '/openapi.json/',
  '/v1/',
  '/v1/models/',
  '/v1/models/default/',
  '/v1/models//',
  '/v1/tasks/',
  '/v1/jobs/',
  '/v1/jobs//',
  '/v1/jobs/job_1/',
  '/v1/jobs/job_1/events/',
  '/v1/embeddings/',
  '/docs/nowhere',
  '/docs/../livez',
  '//livez',
  '/livez//',
  '/v1//models',
  '//v1/models',
  '/v1/./models',
  '/v1/../livez',
  '/LIVEZ',
  '/V1/models',
  '/v1/Models',
  '/livez?a=1',
  '/livez?',
  '/livez?/v1',
  '/livez#fragment',
  '/livez;a=1',
  '/%6civez',
  '/%6Civez',
  '/%76%31/models',
  '/v1%2Fmodels',
  '/v1%2fmodels',
  '/v1/models%2Fdefault',
  '/livez%20',
  '/livez%3Fa=1',
  '/livez%23',
  '/livez%00',
  '/%zz',
  '/%',
  '/%2',
  '/%ff',
  '/%e0%a4%a',
  '/livez%zz',
  '/livez?%zz',
  '/nowhere%zz?%zz',
  '/v1/models/%zz',
  '/v1/models/%ff',
  '/v1/models/%25zz',
  '/v1/models/a%2Fb',
  '/v1/models/a%2fb',
  '/v1/models/a/b',
  '/v1/models/a%20b',
  '/v1/models/a+b',
  '/v1/models/a%2Bb',
  '/v1/models/a%25b',
  '/v1/models/a%252Fb',
  '/v1/models/a%3Fb',
  '/v1/models/a%23b',
  '/v1/models/a%3Ab',
  '/v1/models/a:b',
  '/v1/models/a;b',
  '/v1/models/a@b',
  '/v1/models/a=b&c',
  '/v1/models/a%5Cb',
  '/v1/models/a\\b',
  '/v1/models/a%22b',
  '/v1/models/a"b',
  '/v1/models/%7Bb%7D',
  '/v1/models/{b}',
  '/v1/models/%C3%A4',
  '/v1/models/\xe4',
  '/v1/models/%F0%9F%90%88',
  '/v1/models/..',
  '/v1/models/%2E%2E',
  '/v1/models/*',
  '/v1/models/:id',
  '/v1/models/__proto__',
  '/v1/models/constructor',
  `/v1/models/${'a'.repeat(2_000)}`,
  `/v1/models/${'%61'.repeat(2_000)}`,
  `/v1/models/${'%25'.repeat(2_000)}`,
  '/v1/jobs?status=nothing',
  '/v1/jobs?limit=0',
  '/v1/jobs?limit=1&limit=2',
  '/v1/jobs?limit=',
  '/v1/jobs?limit=%31',
  '/v1/jobs?limit=+1',
  '/v1/jobs?limit[]=1',
  '/v1/jobs?limit[a]=1',
  '/v1/jobs?unknown=1',
  '/v1/jobs?unknown',
  '/v1/jobs?&&',
  '/v1/jobs?=1',
  '/v1/jobs?cursor=%zz',
  '/v1/jobs?__proto__=1',
  '/v1/jobs/job_1?unknown=1',
  '/v1/jobs/%6A%6F%62',
  '/v1/jobs/job_1/events?after=x',
  '/v1/jobs/job_1/events?after=1&after=2',
  '/v1/jobs/job_1/events?unknown=1',
  'http://example.test/livez',
  'http://example.test/v1/models?a=1',
  'http://example.test',
  'https://example.test/v1/jobs?limit=0',
  'livez',
  '*',
  '?a',
];

const HEADS: readonly RawRequest[] = [
  get('/livez', 'If-None-Match: *', 'if-none-match: *'),
  get('/livez', 'If-None-Match: "a"', 'if-none-match: "a"'),
  get('/v1/models', 'If-Modified-Since', 'if-modified-since: Wed, 01 Jan 2098 00:00:00 GMT'),
  get('/v1/models', 'Range', 'range: bytes=0-1'),
  get('/v1/models', 'Accept that nothing fits', 'accept: image/png'),
  get('/v1/models', 'Accept-Encoding', 'accept-encoding: gzip, br'),
  get('/v1/models', 'Origin', 'origin: http://elsewhere.test'),
  get('/v1/models', 'Accept-Version', 'accept-version: 2.x'),
  raw('a method that few know', 'PROPFIND /nowhere'),
  get('/livez', 'X-HTTP-Method-Override', 'x-http-method-override: DELETE'),
  get('/livez', 'X-Forwarded-Prefix', 'x-forwarded-prefix: /v1', 'x-original-url: /metrics'),
  get('/livez', 'Connection: close', 'connection: close'),
  get('/livez', 'Connection: upgrade', 'connection: upgrade', 'upgrade: websocket'),
  get('/livez', 'HTTP2-Settings', 'connection: upgrade, http2-settings', 'upgrade: h2c'),
  get('/livez', 'a good X-Request-Id', 'x-request-id: mine'),
  get('/livez', 'a bad X-Request-Id', 'x-request-id: not mine'),
  get('/livez', 'two of X-Request-Id', 'x-request-id: mine', 'x-request-id: yours'),
  get('/nowhere', 'X-Request-Id where nothing is', 'x-request-id: mine'),
  get('/v1/jobs/job_1', 'Prefer: wait for nothing', 'prefer: wait=1'),
  get('/v1/jobs/job_1/events', 'a bad Last-Event-ID', 'last-event-id: x'),
  get('/livez', 'headers that are too large', `x-large: ${'x'.repeat(17_000)}`),
  get('/livez', 'a header of bytes beyond ASCII', 'x-odd: \xe4\xff'),
  get('/livez', 'Expect: nonsense', 'expect: nonsense'),
  get(`/livez?${'x'.repeat(17_000)}`, 'a URL that is too long'),
  verbatim('HTTP/1.0', 'GET /livez HTTP/1.0', '', ''),
  verbatim('HTTP/1.0, kept alive', 'GET /livez HTTP/1.0', 'connection: keep-alive', '', ''),
  verbatim('HTTP/1.0, nothing there', 'GET /nowhere HTTP/1.0', '', ''),
  verbatim('no Host', 'GET /livez HTTP/1.1', '', ''),
  verbatim('two Hosts', 'GET /livez HTTP/1.1', 'host: a', 'host: b', '', ''),
  verbatim('no HTTP', 'This is not HTTP.', '', ''),
  verbatim('a method that nobody has', 'FETCH /livez HTTP/1.1', 'host: a', '', ''),
  verbatim('a bad header', 'GET /livez HTTP/1.1', 'host: a', 'no colon', '', ''),
  verbatim('a space in the URL', 'GET /li vez HTTP/1.1', 'host: a', '', ''),
  verbatim('HTTP/2 right away', 'PRI * HTTP/2.0', '', 'SM', '', ''),
  verbatim('HTTP/3.0', 'GET /livez HTTP/3.0', 'host: a', '', ''),
  raw('CONNECT', 'CONNECT example.test:443'),
  {
    name: 'three at once',
    bytes: Buffer.concat([
      get('/livez').bytes,
      get('/nowhere').bytes,
      post('', '/v1/embeddings', EMBEDDING).bytes,
    ]),
  },
];

const CONTENT_TYPES = [
  'application/json; charset=utf-8',
  'application/json;charset=UTF-8',
  'application/json; charset=latin1',
  'application/json; charset=utf-16',
  'application/json; charset=nonsense',
  'application/json; charset="utf-8"',
  'application/json; charset=utf-8; charset=latin1',
  'application/json; a=b; c="d;e"',
  'application/json; nonsense',
  'application/json;',
  'application/json ;',
  'application/json,text/plain',
  'application/json, application/json',
  'APPLICATION/JSON',
  'Application/Json; Charset=UTF-8',
  'application/json+x',
  'application/problem+json',
  'application/jsonp',
  'application/*',
  '*/*',
  'json',
  'application/',
  '/json',
  ' application/json ',
  'application / json',
  'application/json\tx',
  'text/plain',
  'text/json',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'undefined',
  ';',
  '',
];

const BODIES = [
  '',
  ' ',
  '{',
  '{}',
  '[]',
  'null',
  'true',
  '1',
  '"text"',
  '{"model":"mock"}',
  '{"model":"mock","messages":[]}',
  '{"model":"mock","messages":[{"content":"x"}]}',
  '{"model":1,"messages":1}',
  '{"model":"mock","messages":[{"role":"user","content":"x"}],"stream":"yes"}',
  '{"model":"mock","model":"mock"}',
  '{"__proto__":{"a":1}}',
  '{"constructor":{"prototype":{"a":1}}}',
  '{"a":"__proto__"}',
  '\ufeff{"model":"mock"}',
  `\ufeff${CHAT}`,
  ` \r\n\t${CHAT}\n`,
  `${CHAT}x`,
  `${CHAT}\0`,
  '{"model":"mock",}',
  "{'model':'mock'}",
  '{"model":"\ud800"}',
  '{"model":NaN}',
  '// no\n{}',
  '['.repeat(5_000),
  '{"a":'.repeat(1_500),
  '{"model":"ä🐈"}',
];

const UPLOADS: readonly RawRequest[] = [
  ...CONTENT_TYPES.map((type) =>
    raw(
      `a body of ${JSON.stringify(type)}`,
      'POST /v1/chat/completions',
      [`content-type: ${type}`],
      CHAT,
    ),
  ),
  ...CONTENT_TYPES.map((type) =>
    raw(`no body of ${JSON.stringify(type)}`, 'POST /v1/jobs/job_1/cancel', [
      `content-type: ${type}`,
    ]),
  ),
  raw(
    'two content types',
    'POST /v1/embeddings',
    ['content-type: text/plain', JSON_TYPE],
    EMBEDDING,
  ),
  raw(
    'two content types, the right one first',
    'POST /v1/embeddings',
    [JSON_TYPE, 'content-type: text/plain'],
    EMBEDDING,
  ),
  raw('a body of no type', 'POST /v1/chat/completions', [], CHAT),
  raw('an empty body of no type', 'POST /v1/chat/completions', [], ''),
  ...BODIES.map((body) => chat(`the body ${JSON.stringify(body).slice(0, 150)}`, body)),
  chat(
    'a body that is no UTF-8',
    Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}')]),
  ),
  chat('a body in UTF-16', Buffer.from(CHAT, 'utf16le')),
  chat('a compressed body', gzipSync(CHAT), 'content-encoding: gzip'),
  chat('a body that says it is compressed', CHAT, 'content-encoding: gzip'),
  chat('a body of an unknown encoding', CHAT, 'content-encoding: nonsense'),
  chat('a body of the encoding identity', CHAT, 'content-encoding: identity'),
  post('embeddings', '/v1/embeddings', EMBEDDING),
  post('embeddings without input', '/v1/embeddings', '{"model":"mock"}'),
  post('a body and a query', '/v1/embeddings?input=a', '{"model":"mock"}'),
  post('a task', '/v1/tasks/summarize', '{"text":"Cats sleep."}'),
  post('a task by another schema', '/v1/tasks/summarize', '{"texts":"Cats sleep."}'),
  post('a task that there is not', '/v1/tasks/nowhere', '{"text":"Cats sleep."}'),
  post('a job of no type', '/v1/jobs', '{"request":{}}'),
  post('a job of an unknown type', '/v1/jobs', '{"type":"nothing","request":{}}'),
  post('a job of a bad request', '/v1/jobs', '{"type":"summarize","request":{"text":1}}'),
  post(
    'a job with more than there is',
    '/v1/jobs',
    '{"type":"summarize","request":{"text":"a"},"a":1}',
  ),
  post(
    'a job with a webhook',
    '/v1/jobs',
    '{"type":"summarize","request":{"text":"a"},"webhook":{"url":"ftp://a"}}',
  ),
  post('cancelling with a body', '/v1/jobs/job_1/cancel', '{}'),
  post('cancelling with a body that is no JSON', '/v1/jobs/job_1/cancel', '{'),
  post('cancelling with an empty body', '/v1/jobs/job_1/cancel', ''),
  raw('cancelling with text', 'POST /v1/jobs/job_1/cancel', ['content-type: text/plain'], 'text'),
  raw('cancelling with a body of no type', 'POST /v1/jobs/job_1/cancel', [], 'text'),
  raw('deleting with a body', 'DELETE /v1/jobs/job_1', [JSON_TYPE], '{}'),
  raw('deleting with a body that is no JSON', 'DELETE /v1/jobs/job_1', [JSON_TYPE], '{'),
  raw('deleting with an empty body', 'DELETE /v1/jobs/job_1', [JSON_TYPE], ''),
  raw('deleting with text', 'DELETE /v1/jobs/job_1', ['content-type: text/plain'], 'text'),
  raw('deleting with a body of no type', 'DELETE /v1/jobs/job_1', [], 'text'),
  raw('GET with a body', 'GET /v1/models', [JSON_TYPE], '{'),
  raw(
    'GET with a body that is too large',
    'GET /v1/models',
    [JSON_TYPE],
    'x'.repeat(RAW_BODY_LIMIT + 1),
  ),
  raw('HEAD with a body', 'HEAD /v1/models', [JSON_TYPE], '{'),
  raw('PUT with a body', 'PUT /v1/jobs', [JSON_TYPE], '{'),
  raw('OPTIONS with a body', 'OPTIONS /v1/jobs', ['content-type: text/plain'], '{'),
  raw('a body for nobody', 'POST /nowhere', ['content-type: text/plain'], 'text'),
];

const CHAT_LINE = 'POST /v1/chat/completions';
/** The sixtieth byte is amid a character. */
const CAT = Buffer.from(CHAT.replace('Hello', '🐈'.repeat(9)));

const LARGE = JSON.stringify({ model: 'x'.repeat(RAW_BODY_LIMIT) });
const EXPECTS = 'expect: 100-continue';

const TRANSFERS: readonly RawRequest[] = [
  chunked('chunks', CHAT_LINE, [JSON_TYPE], [CHAT.slice(0, 9), CHAT.slice(9)]),
  chunked(
    'a character in two chunks',
    CHAT_LINE,
    [JSON_TYPE],
    [CAT.subarray(0, 60), CAT.subarray(60)],
  ),
  chunked('no chunks', CHAT_LINE, [JSON_TYPE], []),
  chunked('no chunks of no type', CHAT_LINE, [], []),
  chunked('no chunks where none are wanted', 'POST /v1/jobs/job_1/cancel', [JSON_TYPE], []),
  chunked('no chunks of no type where none are wanted', 'POST /v1/jobs/job_1/cancel', [], []),
  chunked('chunks of no type', CHAT_LINE, [], [CHAT]),
  chunked('chunks with a trailer', CHAT_LINE, [JSON_TYPE], [CHAT], '0\r\nx-trailer: a\r\n\r\n'),
  chunked('chunks that are too large', CHAT_LINE, [JSON_TYPE], [LARGE.slice(0, 9), LARGE.slice(9)]),
  chunked('chunks that are too large, without end', CHAT_LINE, [JSON_TYPE], [LARGE], ''),
  chunked('a bad chunk', CHAT_LINE, [JSON_TYPE], [CHAT], 'nonsense\r\n'),
  chunked('chunks for a wrong method', 'PUT /v1/jobs', [JSON_TYPE], [CHAT], ''),
  chunked('chunks for nobody', 'POST /nowhere', [JSON_TYPE], [CHAT], ''),
  raw('chunks and a length', CHAT_LINE, [JSON_TYPE, 'transfer-encoding: chunked'], CHAT),
  raw('another transfer encoding', CHAT_LINE, [JSON_TYPE, 'transfer-encoding: gzip'], CHAT),
  chat('a body of the longest length', `{"model":"${'x'.repeat(RAW_BODY_LIMIT - 12)}"}`),
  chat('a body that is too large', LARGE),
  cut(chat('a body that is too large, of which some comes', LARGE), 5_000),
  cut(chat('a body that is too large, of which nothing comes', LARGE), LARGE.length),
  cut(
    chat('a body that is too large, before the connection closes', LARGE, 'connection: close'),
    5_000,
  ),
  cut(
    raw(
      'a body of a wrong type, of which some comes',
      CHAT_LINE,
      ['content-type: text/plain'],
      LARGE,
    ),
    5_000,
  ),
  cut(
    raw('a body for a wrong method, of which some comes', 'PUT /v1/jobs', [JSON_TYPE], LARGE),
    5_000,
  ),
  cut(raw('a body for nobody, of which some comes', 'POST /nowhere', [JSON_TYPE], LARGE), 5_000),
  cut(chat('a body of which some is missing', CHAT), 5),
  raw('a length that is no number', CHAT_LINE, [JSON_TYPE, 'content-length: x']),
  raw('two lengths', CHAT_LINE, [JSON_TYPE, 'content-length: 1'], CHAT),
  raw('a negative length', CHAT_LINE, [JSON_TYPE, 'content-length: -1']),
  {
    name: 'a body that is too large, and another request',
    bytes: Buffer.concat([chat('', LARGE).bytes, get('/livez').bytes]),
  },
  {
    name: 'a body that is no JSON, and another request',
    bytes: Buffer.concat([chat('', '{').bytes, get('/livez').bytes]),
  },
  {
    name: 'a body for nobody, and another request',
    bytes: Buffer.concat([raw('', 'POST /nowhere', [], 'text').bytes, get('/livez').bytes]),
  },
  {
    name: 'a body for a wrong method, and another request',
    bytes: Buffer.concat([raw('', 'PUT /v1/jobs', [], 'text').bytes, get('/livez').bytes]),
  },
  chat('Expect: 100-continue', CHAT, EXPECTS),
  cut(chat('Expect: 100-continue, and waiting', CHAT, EXPECTS), CHAT.length),
  cut(chat('Expect: 100-continue for too much', LARGE, EXPECTS), LARGE.length),
  cut(raw('Expect: 100-continue for nobody', 'POST /nowhere', [EXPECTS], CHAT), CHAT.length),
  cut(raw('Expect: 100-continue for a wrong method', 'PUT /v1/jobs', [EXPECTS], CHAT), CHAT.length),
];

const ANSWERS: readonly RawRequest[] = [
  chat('a completion', CHAT),
  chat('a stream', CHAT.replace('}]', '}],"stream":true')),
  chat(
    'a stream, and the end of the connection',
    CHAT.replace('}]', '}],"stream":true'),
    'connection: close',
  ),
  chat(
    'a stream that is cut',
    CHAT.replace('}]', '}],"stream":true').replace('"mock"', '"mock-cut"'),
  ),
  chat('a provider that fails', CHAT.replace('"mock"', '"mock-500"')),
  chat('a provider that has enough', CHAT.replace('"mock"', '"mock-429"')),
  chat('a job instead', CHAT, 'prefer: respond-async'),
  chat('no model', CHAT.replace('"mock"', '""')),
  chat('a bad Idempotency-Key', CHAT, 'idempotency-key: a"b'),
  chat('an Idempotency-Key', CHAT, 'idempotency-key: first'),
  chat('an Idempotency-Key again', CHAT, 'idempotency-key: first'),
  chat(
    'an Idempotency-Key for something else',
    '{"model":"mock","messages":[{"role":"user"}]}',
    'idempotency-key: first',
  ),
  post('events of a task', '/v1/tasks/chat.completion', CHAT, 'accept: text/event-stream'),
  chat('no cache', CHAT, 'cache-control: no-store'),
];

export const rawRequests: readonly RawRequest[] = [
  ...EVERY_METHOD,
  ...URLS.map((url) => get(url)),
  ...HEADS,
  ...UPLOADS,
  ...TRANSFERS,
  ...ANSWERS,
];
