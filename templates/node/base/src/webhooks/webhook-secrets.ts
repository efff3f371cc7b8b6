import { z } from 'zod';

/** Whole groups of base64, for 24 to 64 bytes: what Standard Webhooks asks for. */
const SECRET =
  /^whsec_(?=.{32,88}$)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** Secrets separated by commas. Messages are signed with each, so that one can replace another. */
export const webhookSecrets = z
  .string()
  .transform((list) => list.split(',').map((item) => item.trim()))
  .pipe(z.array(z.string().regex(SECRET, 'must be whsec_ and 24 to 64 bytes in base64')));
