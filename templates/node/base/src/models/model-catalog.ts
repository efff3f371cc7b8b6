import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import {
  ConfigError,
  PROVIDER_BASE_URLS,
  PROVIDERS,
  type Config,
  type ProviderName,
} from '../config.js';
import { ApiError } from '../errors.js';

const target = z.strictObject({
  provider: z.enum(PROVIDERS).optional(),
  model: z.string().min(1).optional(),
  base_url: z.url({ protocol: /^https?$/ }).optional(),
  api_key_env: z.string().min(1).optional(),
});

/** `models.json`: each alias with the targets that are tried in turn. `"*"` serves every other name. */
export const modelsFileSchema = z.record(z.string().min(1), z.array(target).min(1));

export type ModelsFile = z.output<typeof modelsFileSchema>;

/** A place where a model can be called. */
export interface ModelTarget {
  readonly provider: Config['PROVIDER'];
  readonly model: string;
  readonly baseUrl: string;
  /** Name of the environment variable with the key, if any; the key itself never leaves the provider. */
  readonly apiKeyEnv: string | null;
}

export interface ResolvedModel {
  /** Name of the alias, or `"*"`: safe as a label, since it never comes from a caller. */
  readonly alias: string;
  readonly targets: readonly ModelTarget[];
}

type CatalogConfig = Pick<Config, 'PROVIDER' | 'PROVIDER_BASE_URL'>;

/** Without a model, the target serves the name that the caller gives. */
type TargetEntry = Omit<ModelTarget, 'model'> & { readonly model: string | undefined };

const PASS_THROUGH = '*';

/** The models that this service offers, and where each is to be found. */
export class ModelCatalog {
  readonly #named = new Map<string, ResolvedModel>();
  readonly #passThrough: readonly TargetEntry[] | undefined;
  readonly #destinations = new Map<string, string>();

  constructor({ [PASS_THROUGH]: passThrough, ...named }: ModelsFile, config: CatalogConfig) {
    this.#passThrough = passThrough?.map((entry) => toTargetEntry(entry, config));
    if (this.#passThrough !== undefined)
      this.#destinations.set(PASS_THROUGH, JSON.stringify(this.#passThrough));
    for (const [alias, entries] of Object.entries(named)) {
      const targets = entries.map((entry) => withModel(toTargetEntry(entry, config), alias));
      this.#named.set(alias, { alias, targets });
      this.#destinations.set(alias, JSON.stringify(targets));
    }
  }

  /** Names of the aliases, in the order of the file. */
  get aliases(): readonly string[] {
    return [...this.#named.keys()];
  }

  /** Names of the providers that are called. */
  get providers(): ReadonlySet<ProviderName> {
    const named = [...this.#named.values()].flatMap(({ targets }) => targets);
    return new Set([...named, ...(this.#passThrough ?? [])].map(({ provider }) => provider));
  }

  /** @throws {ApiError} 404 when the model is not served */
  resolve(model: string): ResolvedModel {
    const named = this.#named.get(model);
    if (named !== undefined) return named;
    if (this.#passThrough === undefined || model === PASS_THROUGH) throw modelNotFound(model);
    const targets = this.#passThrough.map((entry) => withModel(entry, model));
    return { alias: PASS_THROUGH, targets };
  }

  /**
   * Where the model's name leads to: as long as the text stays the same, the name means the same.
   *
   * @throws {ApiError} 404 when the model is not served
   */
  destinationOf(model: string): string {
    const destination = this.#destinations.get(model) ?? this.#destinations.get(PASS_THROUGH);
    if (destination === undefined || model === PASS_THROUGH) throw modelNotFound(model);
    return destination;
  }
}

function toTargetEntry(entry: ModelsFile[string][number], config: CatalogConfig): TargetEntry {
  const { provider = config.PROVIDER, model } = entry;
  const baseUrl = entry.base_url ?? defaultBaseUrl(provider, config);
  // The main key is for the main server: no other may see it, unless the file says so.
  const isMainServer = new URL(baseUrl).origin === new URL(config.PROVIDER_BASE_URL).origin;
  const apiKeyEnv = entry.api_key_env ?? (isMainServer ? 'PROVIDER_API_KEY' : null);
  return { provider, model, baseUrl, apiKeyEnv };
}

/** `PROVIDER_BASE_URL` is where `PROVIDER` is: another one speaks another API. */
function defaultBaseUrl(provider: Config['PROVIDER'], config: CatalogConfig): string {
  return provider === config.PROVIDER ? config.PROVIDER_BASE_URL : PROVIDER_BASE_URLS[provider];
}

function withModel(entry: TargetEntry, model: string): ModelTarget {
  return { ...entry, model: entry.model ?? model };
}

function modelNotFound(model: string): ApiError {
  return new ApiError({
    status: 404,
    code: 'model_not_found',
    message: `The model "${model}" does not exist.`,
    param: 'model',
  });
}

/** @throws {ConfigError} when the file is missing or not of its schema */
export async function loadModelCatalog(
  config: CatalogConfig & Pick<Config, 'MODELS_FILE'>,
): Promise<ModelCatalog> {
  const path = config.MODELS_FILE;
  try {
    const file = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(path, 'utf8')));
    const { $schema, ...models } = file;
    return new ModelCatalog(modelsFileSchema.parse(models), config);
  } catch (error) {
    throw new ConfigError([`MODELS_FILE: ${path} ${describe(error)}`]);
  }
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return `is not valid: ${z.prettifyError(error)}`;
  if (error instanceof SyntaxError) return `is not JSON: ${error.message}`;
  return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
