/**
 * The least that a proxy of chat completions can be on the stack of the generated server: NestJS on its Fastify adapter
 * checks the body with zod, undici passes it on, and the answer's bytes go back unread, also those of a stream. No keys,
 * limits, cache, logs or metrics.
 *
 * Node runs no decorators: they are called by hand.
 */
import 'reflect-metadata';
import {
  Body,
  Controller,
  Get,
  Header,
  HttpCode,
  Module,
  Post,
  StandardSchemaValidationPipe,
  StreamableFile,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
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

class ProxyController {
  live() {
    return { status: 'ok' };
  }

  constant() {
    return COMPLETION;
  }

  async chat(chat) {
    const { headers, body } = await request(UPSTREAM, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer upstream' },
      body: JSON.stringify(chat),
    });
    return chat.stream === true
      ? new StreamableFile(body, { type: headers['content-type'] })
      : body.text();
  }
}
decorate(ProxyController, 'live', [Get('livez')]);
decorate(ProxyController, 'constant', [Post('v1/constant'), HttpCode(200), json()], chatBody());
decorate(ProxyController, 'chat', [Post('v1/chat/completions'), HttpCode(200)], chatBody());
Controller()(ProxyController);

function ProxyModule() {
  // All that it is is said to it.
}
Module({ controllers: [ProxyController] })(ProxyModule);

const app = await NestFactory.create(ProxyModule, new FastifyAdapter(), { logger: false });
app.useGlobalPipes(new StandardSchemaValidationPipe());
await app.listen(Number(process.env.PORT), '127.0.0.1');

function chatBody() {
  return Body({ schema: chatRequest });
}

function json() {
  return Header('content-type', 'application/json');
}

function decorate({ prototype }, method, decorators, parameter) {
  for (const apply of decorators)
    apply(prototype, method, Object.getOwnPropertyDescriptor(prototype, method));
  parameter?.(prototype, method, 0);
}
