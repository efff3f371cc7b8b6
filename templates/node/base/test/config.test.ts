import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../src/config.js';

describe('the configuration', () => {
  it('has a default for everything in development', () => {
    expect(parseConfig({})).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', PROVIDER: 'mock' });
  });

  it('takes an empty value for one that is not set', () => {
    expect(parseConfig({ PROVIDER_API_KEY: '', PORT: '' })).toMatchObject({ PORT: 3000 });
  });

  it('names every bad variable at once', () => {
    const problems = problemsOf({ PORT: 'http', CACHE_POLICY: 'sometimes', JOB_CONCURRENCY: '0' });
    expect(problems).toHaveLength(3);
    expect(problems.join()).toMatch(/PORT.*CACHE_POLICY.*JOB_CONCURRENCY/);
  });

  it('wants an explicit provider in production', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([expect.stringContaining('PROVIDER')]);
    expect(parseConfig({ NODE_ENV: 'production', PROVIDER: 'mock' }).PROVIDER).toBe('mock');
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
