/** Every variable that the contract gives a meaning: none of them may leak from the suite's surroundings into a backend. */
const contractVariables =
  /^(?:PORT|HOST|LOG_LEVEL|PROVIDER|PROVIDER_.*|MODELS_FILE|CACHE_.*|API_KEYS|RATE_LIMIT_.*|MAX_.*_INFERENCES|BODY_LIMIT_BYTES|JOB_.*|WEBHOOK_.*|QUEUE_REDIS_URL|SHUTDOWN_TIMEOUT_MS|OTEL_.*|NODE_ENV|NODE_OPTIONS|VITEST.*|TEST|CONTRACT_.*)$/u;

/** The key that the backend holds for its provider; it must never be seen anywhere but at the upstream. */
export const providerKey = 'sk-contract-provider-key-7d41c0';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables a process of a backend is started with; one that is set to undefined is left out. */
export function backendEnvironment(
  upstreamUrl: string,
  modelsFile: string,
  ...own: readonly Environment[]
): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !contractVariables.test(name));
  const wanted: Environment = {
    ...Object.fromEntries(inherited),
    PORT: '0',
    HOST: '127.0.0.1',
    PROVIDER: 'openai',
    PROVIDER_BASE_URL: upstreamUrl,
    PROVIDER_API_KEY: providerKey,
    // One call is one call: tests that count upstream calls must not see retries.
    PROVIDER_MAX_RETRIES: '0',
    // A section may well make more calls in a minute than a client usually may.
    RATE_LIMIT_REQUESTS_PER_MINUTE: '0',
    RATE_LIMIT_TOKENS_PER_MINUTE: '0',
    MODELS_FILE: modelsFile,
    SHUTDOWN_TIMEOUT_MS: '2000',
    ...own.reduce<Environment>((all, each) => ({ ...all, ...each }), {}),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
