import { describe, expect, it } from 'vitest';
import { plan, type Plan } from '../../src/plan/plan.js';
import type { ActiveLayer, ActiveRemoval } from '../../src/template/compose-template.js';
import type { Facts } from '../../src/template/manifest.js';
import { RECORD_PATH } from '../../src/plan/record.js';
import { fakeLayer, fakeTemplate } from './fake-layer.js';

const parent = fakeTemplate('parent');
const child = fakeTemplate('child', [parent]);
const stranger = fakeTemplate('stranger');

function planLayers(
  layers: readonly ActiveLayer[],
  facts: Facts = {},
  removals: readonly ActiveRemoval[] = [],
): Plan {
  return plan({
    project: { name: 'my-ai' },
    generator: 'create-ai-backend@1.2.3',
    template: { name: 'child', digest: 'sha256:abc' },
    answers: { store: 'memory' },
    layers,
    removals,
    facts,
    secrets: ['token'],
  });
}

/** What the layers come to, without the record. */
const filesOf = (planned: Plan): Plan['files'] =>
  planned.files.filter(({ path }) => path !== RECORD_PATH);

const contentOf = (planned: Plan, path: string): unknown =>
  planned.files.find((file) => file.path === path)?.content;

describe('plan', () => {
  it('sorts by path, keeps bytes and the executable bit', () => {
    const bytes = new Uint8Array([255, 0]);
    const planned = planLayers([fakeLayer(parent, { 'z.sh': '#!', 'B.bin': bytes, 'a/b': 'x' })]);
    expect(filesOf(planned)).toEqual([
      { path: 'B.bin', content: bytes, executable: false },
      { path: 'a/b', content: 'x', executable: false },
      { path: 'z.sh', content: '#!', executable: true },
    ]);
  });

  it('renders with project, options and facts, and nothing else', () => {
    const layer = fakeLayer(parent, {
      a: ({ project, options, facts, ...others }) =>
        [project.name, options['store'], facts['port'], Object.keys(others)].join(),
    });
    expect(contentOf(planLayers([layer], { port: 3000 }), 'a')).toBe('my-ai,memory,3000,');
  });

  it('takes the commands from the facts', () => {
    const commands = { install: ['npm', 'ci'], odd: 'npm ci', empty: [] };
    expect(planLayers([], { commands }).commands).toEqual({ install: ['npm', 'ci'] });
  });

  it('lets a descendant replace a file, and nobody else', () => {
    const [ofParent, ofChild] = [fakeLayer(parent, { a: '1' }), fakeLayer(child, { a: '2' })];
    expect(contentOf(planLayers([ofParent, ofChild]), 'a')).toBe('2');
    expect(() => planLayers([ofParent, fakeLayer(stranger, { a: '2' })])).toThrow(
      'claimed by both parent/base/a and stranger/base/a',
    );
    expect(() => planLayers([ofParent, fakeLayer(parent, { a: '2' }, 'other')])).toThrow(
      'claimed by both',
    );
  });

  it('refuses a file where another needs a folder', () => {
    expect(() => planLayers([fakeLayer(parent, { a: '', 'a/b': '' })])).toThrow(
      'needs a folder where a is a file',
    );
  });

  it('does not change when it is made twice', () => {
    const layers = [
      fakeLayer(parent, { 'package.json': '{"dependencies":{"b":"1"}}' }),
      fakeLayer(child, { 'package.json': '{"dependencies":{"a":"1"}}' }),
    ];
    expect(planLayers(layers)).toEqual(planLayers(layers));
  });
});

describe('structured merges', () => {
  const merged = (path: string, ...contents: string[]): unknown =>
    contentOf(
      planLayers(
        contents.map((content, index) => fakeLayer(parent, { [path]: content }, String(index))),
      ),
      path,
    );

  it('merge package.json: keys as first seen, dependencies sorted', () => {
    expect(
      merged(
        'package.json',
        '{"name":"x","dependencies":{"m":"1","a":"1"},"scripts":{"test":"t"}}',
        '{"scripts":{"a":"b"},"dependencies":{"c":"1"},"type":"module"}',
      ),
    ).toBe(`{
  "name": "x",
  "dependencies": {
    "a": "1",
    "c": "1",
    "m": "1"
  },
  "scripts": {
    "test": "t",
    "a": "b"
  },
  "type": "module"
}
`);
  });

  it('put what is rendered before what is copied, of one layer', () => {
    const layer = {
      template: parent,
      files: [
        ...fakeLayer(parent, { 'package.json': '{"type":"module"}' }).files,
        ...fakeLayer(parent, { 'package.json': () => '{"name":"x"}' }).files,
      ],
    };
    const text = contentOf(planLayers([layer]), 'package.json') as string;
    expect(Object.keys(JSON.parse(text) as object)).toEqual(['name', 'type']);
  });

  it('name both layers that set one value differently, unless one descends from the other', () => {
    const [mit, isc] = ['{"license":{"id":"MIT"}}', '{"license":{"id":"ISC"}}'];
    expect(() => merged('package.json', mit, isc)).toThrow(
      'license.id: parent/0/package.json says "MIT" and parent/1/package.json says "ISC"',
    );
    const overridden = planLayers([
      fakeLayer(parent, { 'package.json': mit }),
      fakeLayer(child, { 'package.json': isc }),
    ]);
    expect(contentOf(overridden, 'package.json')).toContain('ISC');
  });

  it('print other JSON as prettier does', async () => {
    const long = Array.from({ length: 30 }, (_, index) => `value-${index}`);
    const text = merged(
      'tsconfig.json',
      JSON.stringify({ a: ['x', 'y'], c: {}, long }),
      '{"b":{"d":[1,[]]}}',
    ) as string;
    const { format } = await import('prettier');
    expect(text).toBe(await format(text, { parser: 'json', printWidth: 100 }));
    expect(text).toContain('"a": ["x", "y"]');
  });

  it('append the sections of .env.example and refuse a variable twice', () => {
    expect(merged('.env.example', '# Port\nPORT=3000\n\n', '\n# Log\n# LOG_LEVEL=info\n')).toBe(
      '# Port\nPORT=3000\n\n# Log\n# LOG_LEVEL=info\n',
    );
    expect(() => merged('.env.example', 'PORT=1\n', '# PORT=2\n')).toThrow(
      'PORT is set by both parent/0/.env.example and parent/1/.env.example',
    );
  });

  it('unite the lines of ignore files', () => {
    expect(merged('.gitignore', 'dist/\nnode_modules/\n', '# Tests\ncoverage/\ndist/\n')).toBe(
      'dist/\nnode_modules/\n# Tests\ncoverage/\n',
    );
  });

  it('keep prototypes clean', () => {
    expect(() => merged('package.json', '{}', '{"__proto__":{"polluted":true}}')).toThrow(
      '__proto__',
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('the record of how a project was made', () => {
  it('is a file like the others, without anything that changes from run to run', () => {
    const content = contentOf(planLayers([fakeLayer(parent, { z: '' })]), RECORD_PATH);
    expect(JSON.parse(String(content))).toEqual({
      generator: 'create-ai-backend@1.2.3',
      name: 'my-ai',
      template: { name: 'child', digest: 'sha256:abc' },
      answers: { store: 'memory' },
    });
  });

  it('is nothing that a template can have', () => {
    expect(() => planLayers([fakeLayer(parent, { [RECORD_PATH]: '{}' })])).toThrow(
      `child: "${RECORD_PATH}" is written by create-ai-backend itself.`,
    );
  });
});
