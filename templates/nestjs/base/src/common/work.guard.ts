import {
  applyDecorators,
  Inject,
  Injectable,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Lifecycle } from '../lifecycle.js';
import { JsonBodyGuard } from './body.guard.js';
import type { HttpRequest } from './http-request.js';

/** Refuses work while the server drains; what it lets in is waited for before the server stops. */
@Injectable()
export class WorkGuard implements CanActivate {
  constructor(@Inject(Lifecycle) private readonly lifecycle: Lifecycle) {}

  canActivate(context: ExecutionContext): boolean {
    const { exchange } = context.switchToHttp().getRequest<HttpRequest>();
    exchange.onEnd(this.lifecycle.enter());
    return true;
  }
}

/**
 * Marks a route as work, once its body is there: before that, a client that sends its body slowly would hold up the
 * drain.
 */
export function TakesOnWork(): MethodDecorator {
  return applyDecorators(UseGuards(JsonBodyGuard, WorkGuard));
}
