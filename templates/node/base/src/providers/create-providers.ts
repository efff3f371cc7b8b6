import { readApiKey, type Config, type ProviderName } from '../config.js';
import type { Provider, Providers } from './provider.js';

/** How each is made. It is loaded only where it is called: what it stands on takes its time. */
const CREATE: Readonly<Record<ProviderName, (config: Config) => Promise<Provider>>> = {
  async mock(config) {
    const { createMockProvider } = await import('./mock/mock-provider.js');
    return createMockProvider(config.PROVIDER_FIRST_BYTE_TIMEOUT_MS);
  },
  async openai(config) {
    const { createOpenAIProvider } = await import('./openai.js');
    return createOpenAIProvider(config, (name) => readApiKey(config, name));
  },
  async anthropic(config) {
    const { createAnthropicProvider } = await import('./anthropic/anthropic-provider.js');
    return createAnthropicProvider(config, (name) => readApiKey(config, name));
  },
};

/** The providers of these names. */
export async function createProviders(
  config: Config,
  names: Iterable<ProviderName>,
): Promise<Providers> {
  const made = [...names].map(async (name) => [name, await CREATE[name](config)] as const);
  return Object.fromEntries(await Promise.all(made));
}
