import { z } from 'zod';

// What variables of the environment are made of.

const wholeNumber = (least: number, most: number) =>
  z.coerce
    .number(`must be a whole number from ${String(least)} to ${String(most)}`)
    .int()
    .min(least)
    .max(most);

/** 0 takes a free one. */
export const port = (fallback: number) => wholeNumber(0, 65_535).default(fallback);

export const milliseconds = (fallback: number) => wholeNumber(1, 2_000_000_000).default(fallback);

/** Bounded, so that a sum with the time of day stays a whole number everywhere. */
export const count = (fallback: number) => wholeNumber(1, 1_000_000_000).default(fallback);

/** A count of which 0 means "none at all". */
export const countOrNone = (fallback: number) =>
  wholeNumber(0, Number.MAX_SAFE_INTEGER).default(fallback);

export const httpUrl = z.url({ protocol: /^https?$/, error: 'must be a URL of http or https' });

/** Where the process runs; production is stricter. */
export const nodeEnvironment = z.enum(['development', 'test', 'production']).default('development');

type Environment = Readonly<Record<string, unknown>>;

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
export function requiredInProduction(name: string, value: string) {
  const isProduction = ({ NODE_ENV }: Environment) => NODE_ENV === 'production';
  return requiredWhen(name, isProduction, `must be set in production, ${value}`);
}

/** Arguments of a schema's `refine`. */
export function requiredWhen(
  name: string,
  isRequired: (environment: Environment) => boolean,
  message: string,
): [(environment: Environment) => boolean, Check] {
  return [
    (environment) => environment[name] !== undefined || !isRequired(environment),
    {
      path: [name],
      message,
      // Also when other variables are not valid: every variable at fault is named at once.
      when: ({ issues }) => !issues.some(({ path }) => path?.[0] === name),
    },
  ];
}
