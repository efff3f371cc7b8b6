import { readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it } from 'vitest';
import { makeFolder, plainEnvironment } from '../support/run-program.js';
import { findNode } from './node-binary.js';

const MINUTE = 60_000;
const SUITE = join(import.meta.dirname, '../contract');
const NODE = '22';

const folder = await findNode(NODE);
// Without the registry, said as skipped; where everything is required, a failure.
const cannotRun = folder === undefined && process.env.CI !== 'true';

/** A team's way: their own template, tested by the packed generator and the packed conformance suite. */
describe.skipIf(cannotRun)(`a template that extends express, on Node ${NODE}`, () => {
  it('passes its own test, and with it the whole contract', { timeout: 25 * MINUTE }, async () => {
    expect(folder, `Node ${NODE} could not be installed.`).toBeDefined();
    const cwd = makeFolder('house-style');
    const environment = {
      ...plainEnvironment(),
      CI: process.env.CI ?? '',
      PATH: [folder, process.env.PATH].join(delimiter),
    };
    const run = (file: string, ...args: readonly string[]) =>
      execa(file, args, { cwd, env: environment, extendEnv: false, reject: false, all: true });
    const generator = (...args: readonly string[]) => run('node', inject('program'), ...args);

    await run('npm', 'pack', '--silent', SUITE);
    const [suite = ''] = readdirSync(cwd).filter((name) => name.endsWith('.tgz'));
    await generator('template', 'new', 'house-style', '--extends', 'express');
    const flags = ['--example', 'on-call', '--suite', `./${suite}`];
    const { exitCode, all } = await generator('template', 'test', './house-style', ...flags);
    expect(exitCode, all).toBe(0);
    expect(all).toMatch(/\n {2}passed conformance \d/);
  });
});
