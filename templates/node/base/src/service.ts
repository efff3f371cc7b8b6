import { readFileSync } from 'node:fs';

export interface Service {
  readonly name: string;
  readonly version: string;
}

/** What this service is called, as `package.json` says. */
export const service = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Service;
