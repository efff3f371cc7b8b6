/**
 * The least that a proxy of chat completions can be on Hono: a validator checks the body with zod, undici passes it on,
 * and the answer's bytes go back unread, also those of a stream. No keys, limits, cache, logs or metrics.
 */
import { Readable } from 'node:stream';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { validator } from 'hono/validator';
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

const chatBody = validator('json', (value, c) => {
  const { data, error } = chatRequest.safeParse(value);
  return error === undefined ? data : c.json({ error }, 400);
});

const app = new Hono()
  .get('/livez', (c) => c.json({ status: 'ok' }))
  .post('/v1/constant', chatBody, (c) =>
    c.body(COMPLETION, 200, { 'content-type': 'application/json' }),
  )
  .post('/v1/chat/completions', chatBody, async (c) => {
    const incoming = c.req.valid('json');
    const { statusCode, headers, body } = await request(UPSTREAM, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer upstream' },
      body: JSON.stringify(incoming),
    });
    const answer = incoming.stream === true ? Readable.toWeb(body) : await body.text();
    return c.body(answer, statusCode, { 'content-type': headers['content-type'] });
  });

serve({ fetch: app.fetch, hostname: '127.0.0.1', port: Number(process.env.PORT) });
