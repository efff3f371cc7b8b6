import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.js';

const HASH = 'a'.repeat(64);

describe('the configuration', () => {
  it('has a default for everything in development', () => {
    expect(parseConfig({})).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', PROVIDER: 'mock' });
  });

  it('takes an empty value for one that is not set', () => {
    expect(parseConfig({ PROVIDER_API_KEY: '', PORT: '' })).toMatchObject({ PORT: 3000 });
  });

  it('names every bad variable at once, and what it must be', () => {
    const bad = { PORT: 'http', PROVIDER_BASE_URL: 'ftp://a', CACHE_POLICY: 'sometimes' };
    expect(problemsOf({ ...bad, JOB_CONCURRENCY: '0' })).toEqual([
      'PORT: must be a whole number from 0 to 65535',
      'PROVIDER_BASE_URL: must be a URL of http or https',
      expect.stringMatching(/^CACHE_POLICY: .*"always"/),
      'JOB_CONCURRENCY: must be a whole number from 1 to 1000000000',
    ]);
  });

  it('wants an explicit provider and keys in production, also when other variables are bad', () => {
    const problems = problemsOf({ NODE_ENV: 'production', PORT: 'http' });
    expect(problems.join()).toMatch(/PORT.*PROVIDER.*API_KEYS/);
    const environment = { NODE_ENV: 'production', PROVIDER: 'mock', API_KEYS: `acme:${HASH}` };
    expect(problemsOf(environment).join()).not.toMatch(/PROVIDER|API_KEYS/);
  });

  it('takes keys as tenants and hashes', () => {
    const [acme, globex] = [`acme:${HASH}`, `globex:${'b'.repeat(64)}`];
    expect(parseConfig({ API_KEYS: `${acme}, ${globex}` }).API_KEYS).toEqual([
      { tenant: 'acme', hash: HASH },
      { tenant: 'globex', hash: 'b'.repeat(64) },
    ]);
    expect(problemsOf({ API_KEYS: 'acme:sk-a-key-in-clear' }).join()).toMatch(/^API_KEYS/);
  });

  it('calls each provider at its own address, unless another is given', () => {
    expect(parseConfig({ PROVIDER: 'anthropic' }).PROVIDER_BASE_URL).toContain('anthropic.com');
    const PROVIDER_BASE_URL = 'http://127.0.0.1:11434/v1';
    const config = parseConfig({ PROVIDER: 'openai', PROVIDER_BASE_URL });
    expect(config.PROVIDER_BASE_URL).toBe(PROVIDER_BASE_URL);
  });
});

function problemsOf(environment: Record<string, string>): readonly string[] {
  try {
    parseConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
  }
  return [];
}
