/**
 * The least that a proxy of chat completions can be on the stack of the generated server: Fastify checks the body with
 * zod, undici passes it on, and the answer's bytes go back unread, also those of a stream. No keys, limits, cache,
 * logs or metrics.
 */
import fastify from 'fastify';
import { request } from 'undici';
import { z } from 'zod';
import { COMPLETION } from './messages.mjs';

const UPSTREAM = `${process.env.UPSTREAM}/chat/completions`;

const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(z.looseObject({ role: z.string().min(1) })).min(1),
  stream: z.boolean().nullish(),
  temperature: z.number().nullish(),
});

const app = fastify();
app.setValidatorCompiler(({ schema }) => (value) => {
  const { data, error } = schema.safeParse(value);
  return error === undefined ? { value: data } : { error };
});

app.get('/livez', () => ({ status: 'ok' }));

app.post('/v1/constant', { schema: { body: chatRequest } }, (_request, reply) =>
  reply.type('application/json').send(COMPLETION),
);

app.post('/v1/chat/completions', { schema: { body: chatRequest } }, async (incoming, reply) => {
  const { statusCode, headers, body } = await request(UPSTREAM, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer upstream' },
    body: JSON.stringify(incoming.body),
  });
  reply.code(statusCode).type(headers['content-type']);
  return incoming.body.stream === true ? body : body.text();
});

await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
