import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { create, makeFolder, QUICK, runProgram } from '../support/run-program.js';

interface ProjectRecord {
  readonly template: { readonly digest: string };
}

const readRecord = (cwd: string): ProjectRecord =>
  JSON.parse(readFileSync(join(cwd, 'my-ai/.create-ai-backend.json'), 'utf8')) as ProjectRecord;

describe('the record in a project', () => {
  it('holds the generator, the template with its digest, and the answers', async () => {
    const cwd = makeFolder();
    const { stdout } = await create(cwd, '--store', 'redis', '--json');
    const { version, options } = JSON.parse(stdout) as { version: string; options: object };
    const record = readRecord(cwd);
    expect(record).toEqual({
      generator: `create-ai-backend@${version}`,
      name: 'my-ai',
      template: { name: 'fastify', digest: record.template.digest },
      answers: options,
    });
    expect(record.template.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('has a digest that does not depend on the answers, nor on where a template lies', async () => {
    const template = {
      'template.json': { name: 'mine', extends: ['fastify'], layers: [{ from: 'base' }] },
      'base/more.txt': 'more\n',
    };
    const digests = ['mine', 'elsewhere/mine'].map(async (folder, index) => {
      const cwd = makeFolder();
      writeFolder(join(cwd, folder), template);
      const flags = ['--template', folder, '--store', index === 0 ? 'memory' : 'redis'];
      await runProgram(['my-ai', ...QUICK, ...flags], { cwd });
      return readRecord(cwd).template.digest;
    });
    const [first, second] = await Promise.all(digests);
    expect(second).toBe(first);
  });
});
