import type { LookupAddress } from 'node:dns';
import { describe, expect, it, vi } from 'vitest';
import {
  AddressRefused,
  isPublicAddress,
  lookupPublicAddress,
  namesPrivateAddress,
} from '../../src/webhooks/public-address.js';

const answer = vi.hoisted(() => ({ addresses: [] as readonly unknown[] }));

vi.mock('node:dns', () => ({
  lookup: (_name: string, _options: object, callback: (...found: unknown[]) => void) => {
    const { addresses } = answer;
    if (addresses.length > 0) callback(null, addresses);
    else callback(Object.assign(new Error('not found'), { code: 'ENOTFOUND' }));
  },
}));

describe('addresses', () => {
  it.each([
    ['loopback', '127.0.0.1'],
    ['loopback', '127.255.255.254'],
    ['unspecified', '0.0.0.0'],
    ['this network', '0.1.2.3'],
    ['private', '10.0.0.1'],
    ['private', '172.31.255.255'],
    ['private', '192.168.1.1'],
    ['shared by a provider (CGNAT)', '100.64.0.1'],
    ['metadata of most clouds', '169.254.169.254'],
    ['metadata of Alibaba', '100.100.100.200'],
    ['metadata of Oracle', '192.0.0.192'],
    ['the platform of Azure', '168.63.129.16'],
    ['benchmarking', '198.18.0.1'],
    ['documentation', '203.0.113.1'],
    ['multicast', '224.0.0.1'],
    ['reserved', '240.0.0.1'],
    ['broadcast', '255.255.255.255'],
    ['loopback', '::1'],
    ['unspecified', '::'],
    ['unique local', 'fd00:ec2::254'],
    ['link-local', 'fe80::1'],
    ['link-local with a zone', 'fe80::1%eth0'],
    ['site-local', 'fec0::1'],
    ['multicast', 'ff02::1'],
    ['IPv4 mapped', '::ffff:127.0.0.1'],
    ['IPv4 mapped, in hex', '::ffff:a9fe:a9fe'],
    ['IPv4 compatible', '::127.0.0.1'],
    ['IPv4 translated', '::ffff:0:10.0.0.1'],
    ['NAT64 of a private one', '64:ff9b::10.0.0.1'],
    ['NAT64 of a private one, in hex', '64:ff9b::c0a8:101'],
    ['NAT64 of loopback', '64:ff9b::127.0.0.1'],
    ['NAT64 of the metadata of most clouds', '64:ff9b::a9fe:a9fe'],
    ['NAT64 of the platform of Azure', '64:ff9b::168.63.129.16'],
    ['beside NAT64', '64:ff9b::1:101:101'],
    ['local NAT64', '64:ff9b:1::a00:1'],
    ['6to4', '2002:7f00:1::'],
    ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
    ['documentation', '2001:db8::1'],
    ['not given to anybody', '4000::1'],
  ])('are not public: %s, %s', (_what, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    ...['1.1.1.1', '172.32.0.1', '2606:4700:4700::1111'],
    ...['64:ff9b::1.1.1.1', '64:ff9b::101:101'],
  ])('are public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    'http://2130706433/',
    'http://0x7f.1/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://１２７.0.0.1/',
    'http://[::ffff:7f00:1]/',
    'http://[64:ff9b::127.0.0.1]/',
    'http://[0:0:0:0:0:0:0:1]:8080/',
  ])('are seen through in a URL: %s', (url) => {
    expect(namesPrivateAddress(new URL(url))).toBe(true);
  });
});

describe('names', () => {
  const loopback = { address: '127.0.0.1', family: 4 };
  const elsewhere = { address: '1.1.1.1', family: 4 };

  const resolve = (all: boolean, addresses: readonly LookupAddress[]) => {
    answer.addresses = addresses;
    return new Promise<unknown>((resolvePromise) => {
      lookupPublicAddress('example.com', { all }, (error, address) => {
        resolvePromise(error ?? address);
      });
    });
  };

  it.each([true, false])('that lead to a public address are let through (all: %s)', async (all) => {
    const found = await resolve(all, [elsewhere]);
    expect(found).toEqual(all ? [elsewhere] : elsewhere.address);
  });

  it.each([true, false])('are refused where one address is private (all: %s)', async (all) => {
    expect(await resolve(all, [elsewhere, loopback])).toBeInstanceOf(AddressRefused);
  });

  it.each([true, false])('that lead nowhere fail (all: %s)', async (all) => {
    expect(await resolve(all, [])).toMatchObject({ code: 'ENOTFOUND' });
  });
});
