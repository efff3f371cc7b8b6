import { readFileSync } from 'node:fs';

/** What a buffer may grow to where the kernel does not say; Linux and macOS stay below it unless told otherwise. */
const USUAL_MAXIMUM = 8 * 1024 * 1024;

/**
 * How many bytes the kernel may hold between a writer and a reader who does not read: at each connection on the way a
 * full send buffer and a full receive buffer. Both grow by themselves, on the loopback device up to their maximum.
 */
export function heldBySockets(connections: number): number {
  return connections * (maximum('tcp_wmem') + maximum('tcp_rmem'));
}

/** The last of three numbers: least, usual, most. https://docs.kernel.org/networking/ip-sysctl.html */
function maximum(name: 'tcp_wmem' | 'tcp_rmem'): number {
  try {
    return Number(readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim().split(/\s+/u)[2]);
  } catch {
    return USUAL_MAXIMUM;
  }
}
