import { parse } from 'secure-json-parse';
import { invalidRequest } from '../errors.js';
import { hasLongNumber, isNestedTooDeeply, parseJson } from '../json.js';
import type { Exchange } from './exchange.js';
import { invalidJson } from './request-errors.js';

/** Long ones seldom come twice, and would be held for as long as their answers take. */
const MAX_KEPT_CHARACTERS = 4_096;

/**
 * The value of a request's JSON body. Refuses what could reach a prototype, and keeps integers that a double would round.
 * The exchange keeps its text.
 *
 * @throws {ApiError} 400
 */
export function parseJsonBody(text: string, exchange: Pick<Exchange, 'bodyText'>): unknown {
  if (text.length <= MAX_KEPT_CHARACTERS) exchange.bodyText = text;
  if (isNestedTooDeeply(text)) throw invalidRequest('The request body is nested too deeply.');
  try {
    const value: unknown = parse(text);
    return hasLongNumber(text) ? parseJson(text) : value;
  } catch {
    throw invalidJson();
  }
}
