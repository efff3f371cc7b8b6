import type { RequestHandler } from 'express';
import { invalidRequest } from '../errors.js';

/** Octets of letters, digits, `-`, `.`, `_` and `~`, which mean the same encoded or not (RFC 3986, section 6.2.2.2). */
const UNRESERVED = /%(?:2[DE]|3\d|4[1-9A-F]|5[\dAF]|6[1-9A-F]|7[\dAE])/gi;

/** Express compares paths as they are written. What cannot be decoded is refused here, whether there is a route or not. */
export const normalizeUrl: RequestHandler = (request, _response, next) => {
  if (request.url.includes('%')) {
    const [path = ''] = request.url.split(/[?#]/, 1);
    refuseUndecodable(path);
    request.url = path.replace(UNRESERVED, decodeURIComponent) + request.url.slice(path.length);
  }
  next();
};

function refuseUndecodable(path: string): void {
  try {
    decodeURIComponent(path);
  } catch {
    throw invalidRequest('The URL cannot be decoded.');
  }
}
