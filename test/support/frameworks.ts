import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const TEMPLATES = join(import.meta.dirname, '../../templates');

/** Templates that are frameworks: their layers, with those that they extend, make up a program. */
export const FRAMEWORKS = readdirSync(TEMPLATES).filter((name) =>
  existsSync(join(TEMPLATES, name, 'tsconfig.json')),
);
