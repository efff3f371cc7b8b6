import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ApiKeys } from '../access/api-keys.js';
import type { HttpRequest } from './http-request.js';

/** Lets callers in by their API key, before anything is read of what they send. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(@Inject(ApiKeys) private readonly apiKeys: ApiKeys) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<HttpRequest>();
    const { id: requestId, headers, exchange } = request;
    const { tenant, key } = this.apiKeys.authenticate(
      headers.authorization,
      exchange.request.socket,
    );
    request.caller = { tenant, key, requestId, exchange };
    return true;
  }
}
