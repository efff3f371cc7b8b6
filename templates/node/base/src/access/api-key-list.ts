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
  .transform((list): readonly ApiKeyEntry[] =>
    list.map((item) => {
      const [tenant = '', hash = ''] = item.split(':');
      return { tenant, hash };
    }),
  );
