import { z } from 'zod';

/** What `API_KEYS` says of a key: never the key itself. */
export interface ApiKeyEntry {
  readonly tenant: string;
  /** SHA-256 of the key, in hex. */
  readonly hash: string;
}

const entry = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}:[0-9a-f]{64}$/, 'must be tenant:sha256hex, separated by commas');

/** `tenant:sha256hex` separated by commas. A tenant may have several keys, so that one can replace another. */
export const apiKeyList = z
  .string()
  .transform((list) => list.split(',').map((item) => item.trim()))
  .pipe(z.array(entry))
  .refine(hasNoDuplicates, 'has one key twice; a key belongs to one tenant')
  .transform((list): readonly ApiKeyEntry[] =>
    list.map((item) => {
      const [tenant = '', hash = ''] = item.split(':');
      return { tenant, hash };
    }),
  );

function hasNoDuplicates(list: readonly string[]): boolean {
  return new Set(list.map((item) => item.split(':')[1])).size === list.length;
}
