import { METHODS, type ServerResponse } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply } from 'fastify';
import type { Backend } from '../backend.js';
import { isGetOnly } from '../common/get-only.decorator.js';
import { isRoot } from '../common/is-root.js';
import { isHttpAnswer } from '../common/is-http-answer.js';
import type { HttpAnswer } from '../http/http-answer.js';
import { methodNotAllowed } from '../http/request-errors.js';
import { createRequestHook } from './request-hook.js';
import { sendAnswer } from './send-answer.js';
import { serverOptions } from './server-options.js';

/** Fastify, with what this service wants of it that Nest has no word for. */
export class HttpAdapter extends FastifyAdapter {
  readonly #paths = new Set<string>();

  constructor(backend: Backend) {
    super(serverOptions(backend));
    const { instance } = this;
    instance.decorateRequest('exchange');
    instance.decorateRequest('caller');
    // All that Node reads, so that none is answered `404` where the path is known. Bodies are read by guards.
    for (const method of METHODS)
      instance.addHttpMethod(method, { hasBody: false, overrideExisting: true });
    instance.addHook('onRoute', ({ url, method, handler }) => {
      this.#paths.add(url);
      if (isRoot(handler) && !url.endsWith('/'))
        instance.route({ url: `${url}/`, method, handler });
    });
    this.setOnRequestHook(createRequestHook(backend));
  }

  /** Sends the values with which the backend answers, too. */
  override reply(response: FastifyReply | ServerResponse, body: unknown, status?: number) {
    if (!isHttpAnswer(body)) return super.reply(response, body, status);
    if ('raw' in response) return sendAnswer(response, body);
    return super.reply(withHeaders(response, body.headers), body.body, body.status);
  }

  override get(...route: unknown[]) {
    if (!isGetOnly(route.at(-1))) this.head(...route);
    return super.get(...route);
  }

  /** Fastify's wildcards have no names. */
  override normalizePath(path: string): string {
    return path.replace(/\*\w+$/, '*');
  }

  /** The last that Nest does with routes: by then there are all. */
  override setNotFoundHandler(handler: () => unknown) {
    this.#refuseOtherMethods();
    return super.setNotFoundHandler(handler);
  }

  /** Answers `405` where a path is known, but not with this method; Fastify itself would answer `404`. */
  #refuseOtherMethods(): void {
    const { instance } = this;
    for (const url of [...this.#paths]) {
      const isRouted = (method: string) => instance.hasRoute({ url, method });
      const allowed = instance.supportedMethods.filter(isRouted);
      const handler = () => {
        throw methodNotAllowed(allowed);
      };
      const method = instance.supportedMethods.filter((each) => !isRouted(each));
      instance.route({ url, method, handler });
    }
  }
}

/** Nest's middleware, and filters of what it throws, are given Node's own response. */
function withHeaders(response: ServerResponse, headers: HttpAnswer['headers']): ServerResponse {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  return response;
}
