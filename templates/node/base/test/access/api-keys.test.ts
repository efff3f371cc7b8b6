import { describe, expect, it } from 'vitest';
import { apiKeyList } from '../../src/access/api-key-list.js';
import { ApiKeys } from '../../src/access/api-keys.js';
import { createApiKey } from '../../src/access/create-api-key.js';
import { ANYBODY } from '../../src/access/principal.js';

const acme = createApiKey('acme');
const globex = createApiKey('globex');
const keys = new ApiKeys(apiKeyList.parse(`${acme.entry}, ${globex.entry}`));

describe('API keys', () => {
  it('tell the tenant, whatever the case of the scheme', () => {
    const { tenant, key } = keys.authenticate(`Bearer ${acme.key}`, {});
    expect(tenant).toBe('acme');
    expect(key).toMatch(/^[0-9a-f]{16}$/);
    expect(keys.authenticate(`bearer ${globex.key}`, {}).tenant).toBe('globex');
    expect(keys.authenticate(`Bearer ${acme.key}`, {}).key).toBe(key);
  });

  it('are told apart on one connection', () => {
    const connection = {};
    const tenantOf = (authorization: string) => keys.authenticate(authorization, connection).tenant;
    expect(tenantOf(`Bearer ${acme.key}`)).toBe('acme');
    expect(tenantOf(`Bearer ${acme.key}`)).toBe('acme');
    expect(tenantOf(`Bearer ${globex.key}`)).toBe('globex');
    expect(() => tenantOf(`Bearer ${acme.key.slice(0, -1)}x`)).toThrow('not known');
    expect(() => tenantOf('')).toThrow('Send an API key');
    expect(tenantOf(`Bearer ${acme.key}`)).toBe('acme');
  });

  it.each([
    ['nothing', undefined],
    ['no key', 'Bearer'],
    ['no scheme', acme.key],
    ['another scheme', `Basic ${acme.key}`],
    ['an unknown key', `Bearer ${createApiKey('acme').key}`],
    ['a hash', `Bearer ${acme.entry.split(':')[1] ?? ''}`],
    ['a key and more', `Bearer ${acme.key} more`],
  ])('refuse %s', (_what, authorization) => {
    const refusal = { status: 401, headers: { 'www-authenticate': 'Bearer' } };
    expect(() => keys.authenticate(authorization, {})).toThrow(expect.objectContaining(refusal));
  });

  it('let anybody in where there are none', () => {
    expect(new ApiKeys(undefined).authenticate(undefined, {})).toEqual(ANYBODY);
  });

  it('are random, and one belongs to one tenant', () => {
    expect(acme.key).toMatch(/^sk-[\w-]{43}$/);
    expect(acme.key).not.toBe(createApiKey('acme').key);
    const stolen = acme.entry.replace('acme', 'globex');
    expect(apiKeyList.safeParse(`${acme.entry},${stolen}`).success).toBe(false);
  });
});
