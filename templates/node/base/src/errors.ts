/** The error object that OpenAI's SDKs read. All four keys always stand. */
export interface ErrorBody {
  readonly message: string;
  readonly type: string;
  readonly param: string | null;
  readonly code: string;
}

export interface ApiErrorInit {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param?: string | null;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** An error whose text the caller may see. Anything else that is thrown becomes a 500 without detail. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorBody;

  constructor({ status, code, message, param, type, headers, cause }: ApiErrorInit) {
    super(message, { cause });
    this.status = status;
    this.headers = headers ?? {};
    this.body = { message, type: type ?? errorType(status), param: param ?? null, code };
  }

  /** The same error, with headers where it has none of that name. */
  withHeaders(headers: Readonly<Record<string, string>>): ApiError {
    const { status, body, cause } = this;
    return new ApiError({ status, ...body, headers: { ...headers, ...this.headers }, cause });
  }
}

/** The families that OpenAI's API reports in `error.type`. */
function errorType(status: number): string {
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}

const INTERNAL_ERROR = {
  status: 500,
  code: 'internal_error',
  message: 'The server failed to answer this request.',
} as const;

/** What the caller is told of any thrown value. */
export function toApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError({ ...INTERNAL_ERROR, cause: error });
}

export function invalidRequest(message: string, param: string | null = null): ApiError {
  return new ApiError({ status: 400, code: 'invalid_request', message, param });
}

interface SchemaIssue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * @param issues of a failed schema validation; the first names the field, since `param` holds one
 * @param prefix path of the validated value within the request body
 */
export function schemaViolation(
  issues: readonly SchemaIssue[],
  prefix: readonly PropertyKey[] = [],
): ApiError {
  const [issue] = issues;
  if (issue === undefined) return invalidRequest('The request is not valid.');
  const param = [...prefix, ...issue.path].map(String).join('.');
  return param === ''
    ? invalidRequest(issue.message)
    : invalidRequest(`${param}: ${issue.message}`, param);
}
