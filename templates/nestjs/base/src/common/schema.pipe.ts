import {
  Injectable,
  StandardSchemaValidationPipe,
  type StandardSchemaValidationPipeOptions,
} from '@nestjs/common';
import { schemaViolation, type ApiError } from '../errors.js';

type Issues = Parameters<NonNullable<StandardSchemaValidationPipeOptions['exceptionFactory']>>[0];

/** Parses what a parameter's decorator names a schema for: `@Body({ schema })`, `@Query({ schema })`. */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: toApiError });
  }

  protected override stripProtoKeys(): void {
    // `parseJsonBody` has refused them. To look for them again is to walk through every body once more.
  }
}

function toApiError(issues: Issues): ApiError {
  return schemaViolation(
    issues.map(({ path = [], message }) => ({
      path: path.map((segment) => (typeof segment === 'object' ? segment.key : segment)),
      message,
    })),
  );
}
