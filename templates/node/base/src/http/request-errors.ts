import { ApiError } from '../errors.js';

/** There is nothing at the URL that was asked for. Its query may hold anything, and is not repeated. */
export function notFound(method: string, url: string): ApiError {
  return new ApiError({
    status: 404,
    code: 'not_found',
    message: `There is nothing at ${method} ${url.split('?', 1)[0] ?? ''}.`,
  });
}

/** @param allowed the methods that the path has */
export function methodNotAllowed(allowed: readonly string[]): ApiError {
  const allow = [...allowed].sort().join(', ');
  return new ApiError({
    status: 405,
    code: 'method_not_allowed',
    message: `This method is not allowed here. Allowed: ${allow}.`,
    headers: { allow },
  });
}

export function invalidJson(): ApiError {
  return new ApiError({
    status: 400,
    code: 'invalid_json',
    message: 'The request body is not valid JSON.',
  });
}

export function payloadTooLarge(): ApiError {
  return new ApiError({
    status: 413,
    code: 'payload_too_large',
    message: 'The request body is too large.',
  });
}

export function unsupportedMediaType(): ApiError {
  return new ApiError({
    status: 415,
    code: 'unsupported_media_type',
    message: 'The request body has to be application/json.',
  });
}
