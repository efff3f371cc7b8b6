import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as prettier from 'prettier';
import { describe, expect, it } from 'vitest';
import { offeredOptions } from '../../src/options/offered-options.js';
import { catalogOf, loadBuiltIns } from '../../src/template/bundle-templates.js';
import { TEMPLATES } from '../support/frameworks.js';
import { optionsReference } from './options-reference.js';
import { templateReference } from './template-reference.js';

const README = join(import.meta.dirname, '../../README.md');
const GUIDE = join(TEMPLATES, 'README.md');

/** Compares a file with itself, with what stands between its two marks replaced; `vitest -u` writes that. */
async function expectRegion(file: string, mark: string, text: string): Promise<void> {
  const region = new RegExp(`(?<=<!-- ${mark} -->\\n)[\\s\\S]*(?=<!-- /${mark} -->)`);
  const whole = readFileSync(file, 'utf8').replace(region, () => `\n${text}\n`);
  const config = await prettier.resolveConfig(file);
  const expected = await prettier.format(whole, { ...config, filepath: file });
  await expect(expected).toMatchFileSnapshot(file);
}

describe('the README', () => {
  it('has every command and option as they are (vitest -u writes them)', async () => {
    const catalog = catalogOf(await loadBuiltIns(TEMPLATES));
    const reference = optionsReference(offeredOptions(catalog));
    await expectRegion(README, 'options', reference);
  });

  it('has a guide with every key of template.json', async () => {
    await expectRegion(GUIDE, 'reference', templateReference());
  });
});
