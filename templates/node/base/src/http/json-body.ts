import { parse } from 'secure-json-parse';
import { invalidRequest } from '../errors.js';
import { hasLongNumber, isNestedTooDeeply, parseJson } from '../json.js';
import { invalidJson } from './request-errors.js';

/**
 * The value of a request's JSON body. Refuses what could reach a prototype, and keeps integers that a double would round.
 *
 * @throws {ApiError} 400
 */
export function parseJsonBody(text: string): unknown {
  if (isNestedTooDeeply(text)) throw invalidRequest('The request body is nested too deeply.');
  try {
    const value: unknown = parse(text);
    return hasLongNumber(text) ? parseJson(text) : value;
  } catch {
    throw invalidJson();
  }
}
