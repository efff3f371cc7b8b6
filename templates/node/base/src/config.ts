import { existsSync } from 'node:fs';
import { z } from 'zod';

const milliseconds = (fallback: number) =>
  z.coerce.number().int().min(1).max(2_000_000_000).default(fallback);
const count = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

/** Every environment variable that this service reads. `.env.example` explains each of them. */
export const environmentSchema = z
  .object({
    NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info'),
    PROVIDER: z.enum(['mock', 'openai']).optional(),
    PROVIDER_BASE_URL: z.url({ protocol: /^https?$/ }).default('https://api.openai.com/v1'),
    PROVIDER_API_KEY: z.string().min(1).optional(),
    PROVIDER_CONNECT_TIMEOUT_MS: milliseconds(5_000),
    PROVIDER_FIRST_BYTE_TIMEOUT_MS: milliseconds(60_000),
    PROVIDER_TIMEOUT_MS: milliseconds(600_000),
    MODELS_FILE: z.string().min(1).default('models.json'),
    CACHE_POLICY: z.enum(['deterministic', 'always', 'off']).default('deterministic'),
    CACHE_TTL_SECONDS: count(3_600),
    CACHE_MAX_ENTRIES: count(10_000),
    BODY_LIMIT_BYTES: count(4_194_304),
    JOB_CONCURRENCY: count(16),
    JOB_RETENTION_SECONDS: count(86_400),
    JOB_MAX_STORED: count(10_000),
    SHUTDOWN_TIMEOUT_MS: milliseconds(30_000),
  })
  .refine(({ NODE_ENV, PROVIDER }) => NODE_ENV !== 'production' || PROVIDER !== undefined, {
    path: ['PROVIDER'],
    message: 'must be set explicitly in production, to one of: mock, openai',
    // Also when other variables are not valid: every variable at fault is named at once.
    when: ({ issues }) => !issues.some(({ path }) => path?.[0] === 'PROVIDER'),
  })
  .transform((environment) => ({ ...environment, PROVIDER: environment.PROVIDER ?? 'mock' }));

export type Config = Readonly<z.output<typeof environmentSchema>>;

/**
 * The key in a variable that `models.json` names. An empty one is none.
 *
 * @param environment where keys other than the provider's own are
 */
export function readApiKey(
  { PROVIDER_API_KEY }: Pick<Config, 'PROVIDER_API_KEY'>,
  name: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const key = name === 'PROVIDER_API_KEY' ? PROVIDER_API_KEY : environment[name];
  return key === '' ? undefined : key;
}

/** Names every variable at fault, so that a deployment is mended in one go and not one start at a time. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not valid. ${problems.join('; ')}`);
  }
}

/** Adds the variables of a `.env` file in the working directory; what is set already wins. */
export function loadEnvironmentFile(path = '.env'): void {
  if (existsSync(path)) process.loadEnvFile(path);
}

/**
 * Parses the environment, once, at the start.
 *
 * @throws {ConfigError} when any variable is not valid
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  // An empty value (`PROVIDER_API_KEY=` in a copied .env.example) means "not set".
  const given = Object.entries(environment).filter(([, value]) => value !== '');
  const result = environmentSchema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`),
  );
}
