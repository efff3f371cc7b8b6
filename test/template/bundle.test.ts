import { describe, expect, it } from 'vitest';
import {
  packBundle,
  unpackBundle,
  type Bundle,
  type BundledFile,
} from '../../src/template/bundle.js';
import type { Manifest } from '../../src/template/manifest.js';

const manifest: Manifest = {
  name: 'one',
  layers: [{ from: 'content' }, { from: 'empty' }],
  options: { content: { type: 'boolean', label: 'Content' } },
};

function bundleOf(...files: readonly BundledFile[]): Bundle {
  const template = { manifest, digest: 'sha256:0', layers: { content: files, empty: [] } };
  return { templates: { one: template, none: { ...template, layers: {} }, two: template } };
}

describe('the packed bundle', () => {
  it.each([
    ['no file', []],
    ['an empty file', [{ path: 'empty', content: '' }]],
    [
      'quotes, line ends, letters beyond ASCII and a mode',
      [
        { path: 'a.ts', content: '"a"\r\n\\n\t\u{1F600}é' },
        { path: 'run', content: '#!/bin/sh\n', executable: true },
      ],
    ],
    [
      'each kind',
      [
        { path: 'a.ts', kind: 'ejs', content: 'return "a";' },
        { path: 'b.bin', kind: 'base64', content: 'AAE=' },
        { path: 'content', content: '{"content":"content"}' },
      ],
    ],
  ] as const)('gives back %s', (_, files) => {
    expect(unpackBundle(packBundle(bundleOf(...files)))).toEqual(bundleOf(...files));
  });
});
