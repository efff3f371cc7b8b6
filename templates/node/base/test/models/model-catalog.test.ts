import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../src/config.js';
import { loadModelCatalog, ModelCatalog, type ModelsFile } from '../../src/models/model-catalog.js';

const config = { PROVIDER: 'openai', PROVIDER_BASE_URL: 'http://models.test/v1/' } as const;

describe('the model catalog', () => {
  it('resolves an alias to its targets, in order', () => {
    const catalog = new ModelCatalog(
      { fast: [{ model: 'small' }, { model: 'spare', base_url: 'http://spare.test/v1' }] },
      config,
    );
    expect(catalog.resolve('fast').targets).toMatchObject([
      { provider: 'openai', model: 'small', baseUrl: 'http://models.test/v1/' },
      { provider: 'openai', model: 'spare', baseUrl: 'http://spare.test/v1' },
    ]);
  });

  it('keeps the main key from every other server', () => {
    const keyFor = (target: object) =>
      new ModelCatalog({ alias: [target] }, config).resolve('alias').targets[0]?.apiKeyEnv;
    expect(keyFor({})).toBe('PROVIDER_API_KEY');
    expect(keyFor({ base_url: 'http://models.test/v2' })).toBe('PROVIDER_API_KEY');
    expect(keyFor({ base_url: 'http://spare.test/v1' })).toBeNull();
    expect(keyFor({ base_url: 'http://spare.test/v1', api_key_env: 'SPARE' })).toBe('SPARE');
  });

  it('finds another provider at its own address, without the main key', () => {
    const catalog = new ModelCatalog({ claude: [{ provider: 'anthropic' }] }, config);
    expect(catalog.resolve('claude').targets).toEqual([
      {
        provider: 'anthropic',
        model: 'claude',
        baseUrl: 'https://api.anthropic.com',
        apiKeyEnv: null,
      },
    ]);
  });

  it('passes other names through only where "*" says so', () => {
    const open = new ModelCatalog({ '*': [{}] }, config);
    expect(open.resolve('any')).toMatchObject({ alias: '*', targets: [{ model: 'any' }] });
    const closed = new ModelCatalog({ fast: [{ model: 'small' }] }, config);
    expect(() => closed.resolve('any')).toThrow('does not exist');
    expect(() => closed.resolve('constructor')).toThrow('does not exist');
  });

  it('tells where a name leads, and when that changes', () => {
    const destinationOf = (model: string, file: ModelsFile) =>
      new ModelCatalog(file, config).destinationOf(model);
    const before = destinationOf('fast', { fast: [{ model: 'small' }] });
    expect(destinationOf('fast', { fast: [{ model: 'small' }], '*': [{}] })).toBe(before);
    expect(destinationOf('fast', { fast: [{ model: 'large' }] })).not.toBe(before);
    const passed = destinationOf('any', { '*': [{}] });
    expect(destinationOf('any', { '*': [{ base_url: 'http://spare.test' }] })).not.toBe(passed);
    for (const model of ['*', 'any']) {
      expect(() => destinationOf(model, { fast: [{}] })).toThrow('does not exist');
    }
    expect(() => destinationOf('*', { '*': [{}] })).toThrow('does not exist');
  });

  it('lists the aliases, "*" not among them', () => {
    expect(new ModelCatalog({ fast: [{}], '*': [{}] }, config).aliases).toEqual(['fast']);
  });

  it('refuses to start without its file', async () => {
    const missing = loadModelCatalog({ ...config, MODELS_FILE: 'missing.json' });
    await expect(missing).rejects.toThrow(ConfigError);
  });
});
