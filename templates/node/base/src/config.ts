import { existsSync } from 'node:fs';
import { z } from 'zod';
import { apiKeyList } from './access/api-key-list.js';
import {
  count,
  countOrNone,
  httpUrl,
  milliseconds,
  nodeEnvironment,
  port,
  requiredInProduction,
} from './environment.js';
import { storeEnvironment } from './store/environment.js';
import { webhookSecrets } from './webhooks/webhook-secrets.js';

export const PROVIDERS = ['mock', 'openai', 'anthropic'] as const;

export type ProviderName = (typeof PROVIDERS)[number];

/** Where a provider is called when nothing else is said. The mock is not called anywhere. */
export const PROVIDER_BASE_URLS: Readonly<Record<ProviderName, string>> = {
  mock: 'https://api.openai.com/v1',
  openai: 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com',
};

/** What this service reads of its environment; `.env.example` explains each variable. */
export const serviceEnvironment = z
  .object({
    NODE_ENV: nodeEnvironment,
    HOST: z.string().min(1).default('127.0.0.1'),
    PORT: port(3000),
    LOG_LEVEL: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info'),
    API_KEYS: apiKeyList.optional(),
    PROVIDER: z.enum(PROVIDERS).optional(),
    PROVIDER_BASE_URL: httpUrl.optional(),
    PROVIDER_API_KEY: z.string().min(1).optional(),
    PROVIDER_CONNECT_TIMEOUT_MS: milliseconds(5_000),
    PROVIDER_FIRST_BYTE_TIMEOUT_MS: milliseconds(60_000),
    PROVIDER_TIMEOUT_MS: milliseconds(600_000),
    PROVIDER_MAX_RETRIES: countOrNone(2),
    MODELS_FILE: z.string().min(1).default('models.json'),
    CACHE_POLICY: z.enum(['deterministic', 'always', 'off']).default('deterministic'),
    CACHE_TTL_SECONDS: count(3_600),
    RATE_LIMIT_REQUESTS_PER_MINUTE: countOrNone(600),
    RATE_LIMIT_TOKENS_PER_MINUTE: countOrNone(200_000),
    MAX_CONCURRENT_INFERENCES: count(256),
    MAX_QUEUED_INFERENCES: countOrNone(1_024),
    BODY_LIMIT_BYTES: count(4_194_304),
    JOB_CONCURRENCY: count(16),
    JOB_RETENTION_SECONDS: count(86_400),
    WEBHOOK_SECRET: webhookSecrets.optional(),
    WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
    OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl.optional(),
    OTEL_SERVICE_NAME: z.string().min(1).optional(),
    SHUTDOWN_TIMEOUT_MS: milliseconds(30_000),
  })
  .refine(...requiredInProduction('PROVIDER', `to one of: ${PROVIDERS.join(', ')}`))
  .refine(...requiredInProduction('API_KEYS', 'to at least one key, or anybody may call'))
  .transform((environment) => {
    const { PROVIDER = 'mock', PROVIDER_BASE_URL = PROVIDER_BASE_URLS[PROVIDER] } = environment;
    return { ...environment, PROVIDER, PROVIDER_BASE_URL };
  });

export type Config = Readonly<
  z.output<typeof serviceEnvironment> & z.output<typeof storeEnvironment>
>;

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
  const variables = Object.fromEntries(given);
  const service = serviceEnvironment.safeParse(variables);
  const store = storeEnvironment.safeParse(variables);
  if (service.success && store.success) return { ...service.data, ...store.data };
  throw new ConfigError([...problemsOf(service.error), ...problemsOf(store.error)]);
}

function problemsOf(error: z.ZodError | undefined): readonly string[] {
  return (error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);
}
