import { z } from 'zod';

// What variables of the environment are made of.

export const milliseconds = (fallback: number) =>
  z.coerce.number().int().min(1).max(2_000_000_000).default(fallback);

export const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** A count of which 0 means "none at all". */
export const countOrNone = (fallback: number) => z.coerce.number().int().min(0).default(fallback);

interface Check {
  readonly path: string[];
  readonly message: string;
  readonly when: (payload: z.core.ParsePayload) => boolean;
}

/**
 * Arguments of a schema's `refine`.
 *
 * @param value what the variable is to be set to, as the end of a sentence
 */
export function requiredInProduction(
  name: string,
  value: string,
): [(environment: Readonly<Record<string, unknown>>) => boolean, Check] {
  return [
    (environment) => environment.NODE_ENV !== 'production' || environment[name] !== undefined,
    {
      path: [name],
      message: `must be set in production, ${value}`,
      // Also when other variables are not valid: every variable at fault is named at once.
      when: ({ issues }) => !issues.some(({ path }) => path?.[0] === name),
    },
  ];
}
