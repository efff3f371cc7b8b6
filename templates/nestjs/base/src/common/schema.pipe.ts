import { Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { schemaViolation } from '../errors.js';

type Issues = Parameters<
  NonNullable<
    NonNullable<ConstructorParameters<typeof StandardSchemaValidationPipe>[0]>['exceptionFactory']
  >
>[0];

/** Parses what a parameter's decorator names a schema for: `@Body({ schema })`, `@Query({ schema })`. */
@Injectable()
export class SchemaPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: toApiError });
  }

  protected override stripProtoKeys(): void {
    // `parseJsonBody` has refused them. To look for them again took a tenth of the CPU time of a proxied request.
  }
}

function toApiError(issues: Issues) {
  return schemaViolation(
    issues.map(({ path = [], message }) => ({
      path: path.map((segment) => (typeof segment === 'object' ? segment.key : segment)),
      message,
    })),
  );
}
