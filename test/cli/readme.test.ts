import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { offeredOptions } from '../../src/options/offered-options.js';
import { bundleTemplates } from '../../src/template/bundle-templates.js';
import { TEMPLATES } from '../support/frameworks.js';
import { optionsReference } from './options-reference.js';

const README = join(import.meta.dirname, '../../README.md');
const REGION = /(?<=<!-- options -->\n)[\s\S]*(?=<!-- \/options -->)/;

describe('the README', () => {
  it('has every command and option as they are (vitest -u writes them)', async () => {
    const reference = optionsReference(offeredOptions(bundleTemplates(TEMPLATES).catalog));
    const text = readFileSync(README, 'utf8').replace(REGION, () => `\n${reference}\n`);
    const config = await prettier.resolveConfig(README);
    const expected = await prettier.format(text, { ...config, filepath: README });
    await expect(expected).toMatchFileSnapshot(README);
  });
});
