import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, readTree } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram } from '../support/run-program.js';
import { hasTerminal, openTerminal, type Size, type Terminal } from '../support/terminal.js';

describe.skipIf(!hasTerminal)('a person at a terminal', () => {
  let terminal: Terminal | undefined;

  const open = (cwd: string, args: readonly string[], size?: Size): Terminal =>
    (terminal = openTerminal(cwd, args, size));

  afterEach(() => {
    terminal?.close();
    terminal = undefined;
  });

  it('is asked everything, and gets what flags would have given', async () => {
    const cwd = makeFolder();
    const { press, see, type } = open(cwd, []);
    await see('Where should the project go?');
    type('my-ai');
    press('Enter');
    await see('Where do jobs');
    press('Down', 'Enter');
    await see('Which model provider?');
    press('Down', 'Enter');
    await see('Which package manager?');
    press('Down', 'Enter');
    await see('Which CI service?');
    press('Down', 'Enter');
    await see('Add a Dockerfile');
    press('n');
    await see('Start a git repository');
    press('n');
    await see('Install the dependencies now?');
    press('n');
    const screen = await see('exit: 0');
    expect(screen).toMatch(/Next:\s+cd my-ai\s+pnpm install/);
    const flagged = makeFolder();
    const flags = [
      '--store',
      'redis',
      '--provider',
      'openai',
      '--package-manager',
      'pnpm',
      '--ci',
      'none',
      '--no-docker',
    ];
    await runProgram(['my-ai', ...QUICK, ...flags], { cwd: flagged });
    expect(readTree(join(cwd, 'my-ai'))).toEqual(readTree(join(flagged, 'my-ai')));
  });

  it('is not asked what flags have said, nor what leaves no choice', async () => {
    const cwd = makeFolder();
    const flags = ['--store', 'memory', '--provider', 'mock', '--package-manager', 'npm'];
    const rest = ['--ci', 'none', '--docker', '--no-git', '--no-install'];
    const { see, press } = open(cwd, ['my-ai', ...flags, ...rest]);
    const screen = await see('exit: 0');
    expect(screen).not.toMatch(/Which|Where|framework\?|Store/);
    press('q');
    expect(listEntries(cwd)).toContain('my-ai/package.json');
  });

  it('is asked nothing with --yes', async () => {
    const cwd = makeFolder();
    const { see } = open(cwd, ['my-ai', ...QUICK]);
    expect(await see('exit: 0')).not.toContain('?  ');
  });

  it('is told at once when a directory cannot be used', async () => {
    const cwd = makeFolder();
    const { press, see, type } = open(cwd, []);
    await see('Where should the project go?');
    type('Foo Bar');
    press('Enter');
    await see(/Use\s+foo-bar/);
    press('C-c');
    await see('exit: 130');
    expect(listEntries(cwd)).toEqual([]);
  });

  const questions = [
    'Where should',
    'Where do jobs',
    'Which model',
    'Which package',
    'Which CI',
    'Dockerfile',
    'git repository',
    'Install',
  ];

  it.each(questions.map((question, index) => [question, index] as const))(
    'leaves nothing behind by Ctrl-C at "%s"',
    async (_question, index) => {
      const cwd = makeFolder();
      const { press, see } = open(cwd, []);
      for (const question of questions.slice(0, index)) {
        await see(question);
        press('Enter');
      }
      await see(questions[index] ?? '');
      press('C-c');
      const screen = await see('exit: 130');
      expect(screen).toContain('Nothing was written');
      expect(listEntries(cwd)).toEqual([]);
    },
  );

  it("is asked a template's own questions, where they apply", async () => {
    const cwd = writeFolder(makeFolder(), {
      'mine/template.json': {
        name: 'mine',
        layers: [{ from: 'base' }],
        options: {
          style: {
            type: 'choice',
            label: 'Which style?',
            choices: [{ value: 'plain' }, { value: 'loud' }],
          },
          team: {
            type: 'string',
            label: 'Which team?',
            pattern: '^[a-z]+$',
            when: { style: 'loud' },
          },
          never: { type: 'boolean', label: 'Never asked?', when: { style: 'plain' } },
        },
      },
      'mine/base/team.txt.ejs': '<%= options.style %> <%= options.team %>\n',
    });
    const { press, see, type } = open(cwd, [
      'my-ai',
      '--template',
      'mine',
      '--no-git',
      '--no-install',
    ]);
    await see('Which style?');
    press('Down', 'Enter');
    await see('Which team?');
    type('Core');
    press('Enter');
    await see('must match');
    press('BSpace', 'BSpace', 'BSpace', 'BSpace');
    type('core');
    press('Enter');
    expect(await see('exit: 0')).not.toContain('Never asked?');
    expect(readFileSync(join(cwd, 'my-ai/team.txt'), 'utf8')).toBe('loud core\n');
  });

  it('can read it all on a narrow screen', async () => {
    const cwd = makeFolder();
    const { press, see } = open(cwd, ['my-ai', '--no-git', '--no-install'], {
      columns: 40,
      rows: 40,
    });
    for (const question of questions.slice(1, 6)) {
      await see(question);
      press('Enter');
    }
    await see('exit: 0');
  });

  it('sees no question where CI is set', async () => {
    const cwd = makeFolder();
    const { see } = open(cwd, ['--no-git', '--no-install'], { env: { CI: 'true' } });
    await see('Name the directory');
    await see('exit: 2');
  });
});
