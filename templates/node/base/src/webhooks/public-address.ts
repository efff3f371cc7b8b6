import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** All of the addresses of IPv6 that are public so far: the rest stands for older addresses, or for nothing yet. */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/** Public by its number, but what Azure's machines reach by it is their own platform. */
const AZURE_PLATFORM = '168.63.129.16';

export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

/** Whether the whole world may be reached by this address: it is not loopback, private, link-local, or in any other way special. */
export function isPublicAddress(text: string): boolean {
  const address = ipaddr.parse(text);
  // 64:ff9b::/96, by which a network without IPv4 reaches it: as public as the address in its last four bytes.
  if (address.range() === 'rfc6052')
    return isPublicAddress(address.toByteArray().slice(-4).join('.'));
  if (address.range() !== 'unicast' || text === AZURE_PLATFORM) return false;
  return address.kind() === 'ipv4' || address.match(GLOBAL_UNICAST);
}

/** Whether the URL's host is an address, and one that is not public. */
export function namesPrivateAddress({ hostname }: URL): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isIP(address) !== 0 && !isPublicAddress(address);
}

/**
 * Resolves names for a connection, and refuses those that lead to any address that is not public. What was checked is what
 * is connected to: a name that resolves anew in between (DNS rebinding) gains nothing.
 */
export const lookupPublicAddress: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '');
      return;
    }
    if (!addresses.every(({ address }) => isPublicAddress(address))) {
      callback(new AddressRefused(`${hostname} resolves to an address that is not public.`), '');
      return;
    }
    if (options.all === true) callback(null, addresses);
    else callback(null, addresses[0]?.address ?? '', addresses[0]?.family);
  });
};
