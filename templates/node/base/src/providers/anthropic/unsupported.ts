import { UpstreamError } from '../upstream-error.js';

/** What OpenAI's API has and Anthropic's has not. It is refused here: leaving it out would give another answer. */
export function unsupported(param: string, message: string): UpstreamError {
  return new UpstreamError('invalid_request', {
    status: 400,
    code: 'unsupported_parameter',
    message,
    param,
  });
}
