import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Config } from '../config.js';
import { parseJsonBody } from '../http/json-body.js';
import { CONFIG } from '../modules/backend/tokens.js';
import type { HttpRequest } from './http-request.js';
import { readBody } from './read-body.js';

/**
 * Reads a body of JSON; null where there is none. Nest's own body parsers run before any guard, and would read what
 * strangers send; an interceptor would run after it, but makes an observable of every request.
 */
@Injectable()
export class JsonBodyGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const text = await readBody(request.exchange.request, this.config.BODY_LIMIT_BYTES);
    request.body = text === undefined ? null : parseJsonBody(text, request.exchange);
    return true;
  }
}

/** For where no body is wanted. Many clients name the type of one that they do not send. */
@Injectable()
export class UnusedBodyGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const { exchange } = context.switchToHttp().getRequest<HttpRequest>();
    const text = await readBody(exchange.request, this.config.BODY_LIMIT_BYTES);
    if (text) parseJsonBody(text, exchange);
    return true;
  }
}
