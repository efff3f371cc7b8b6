/** The same proxy on Express: the least that the generated server can be there. */
import express from 'express';
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

const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(express.json());

app.get('/livez', (_request, response) => {
  response.json({ status: 'ok' });
});

app.post('/v1/constant', (incoming, response) => {
  chatRequest.parse(incoming.body);
  response.type('application/json').send(COMPLETION);
});

app.post('/v1/chat/completions', async (incoming, response) => {
  const input = chatRequest.parse(incoming.body);
  const { statusCode, headers, body } = await request(UPSTREAM, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer upstream' },
    body: JSON.stringify(input),
  });
  response.status(statusCode).type(headers['content-type']);
  if (input.stream === true) body.pipe(response);
  else response.send(await body.text());
});

app.listen(Number(process.env.PORT), '127.0.0.1');
