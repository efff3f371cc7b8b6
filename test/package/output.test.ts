import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, readTree, type FileFacts } from '../support/read-tree.js';
import { create, makeFolder, QUICK, runProgram } from '../support/run-program.js';

interface Report {
  readonly files: readonly FileFacts[];
  readonly options: Readonly<Record<string, unknown>>;
}

const parse = (stdout: string): Report => JSON.parse(stdout) as Report;

describe('the same answers', () => {
  const ANSWERS = [
    [],
    ['--no-docker', '--ci', 'none'],
    ['--package-manager', 'pnpm', '--provider', 'openai'],
  ];

  it.each(ANSWERS)(
    'give the same bytes twice, and in folders of other names (%#)',
    async (...flags) => {
      const first = makeFolder();
      const second = join(makeFolder(), 'Another Parent', 'x');
      mkdirSync(second, { recursive: true });
      for (const cwd of [first, second]) expect((await create(cwd, ...flags)).exitCode).toBe(0);
      const tree = readTree(join(first, 'my-ai'));
      expect(tree.length).toBeGreaterThan(40);
      expect(readTree(join(second, 'my-ai'))).toEqual(tree);
    },
  );

  it('give them whatever the locale, the time zone and the width of the terminal are', async () => {
    const [plain, odd] = [makeFolder(), makeFolder()];
    await create(plain);
    await runProgram(['my-ai', ...QUICK], {
      cwd: odd,
      env: { LC_ALL: 'tr_TR.UTF-8', TZ: 'Asia/Kathmandu', COLUMNS: '20' },
    });
    expect(readTree(join(odd, 'my-ai'))).toEqual(readTree(join(plain, 'my-ai')));
  });

  it('end in LF, in every text file', async () => {
    const cwd = makeFolder();
    const { files } = parse((await create(cwd, '--json')).stdout);
    for (const { path } of files) {
      const text = readFileSync(join(cwd, 'my-ai', path), 'utf8');
      expect({ path, carriageReturn: text.includes('\r') }).toEqual({
        path,
        carriageReturn: false,
      });
      expect({ path, end: text.at(-1) }).toEqual({ path, end: '\n' });
    }
  });
});

describe('a preview', () => {
  it('lists exactly what is then written, and writes nothing', async () => {
    const cwd = makeFolder();
    const preview = parse((await create(cwd, '--dry-run', '--json')).stdout);
    expect(preview).toMatchObject({ dryRun: true, written: false });
    expect(listEntries(cwd)).toEqual([]);
    const report = parse((await create(cwd, '--json')).stdout);
    expect(report).toMatchObject({ dryRun: false, written: true });
    expect(report.files).toEqual(preview.files);
    expect(report.options).toEqual(preview.options);
    expect(readTree(join(cwd, 'my-ai'))).toEqual(preview.files);
  });

  it('is a tree for people', async () => {
    const cwd = writeFolder(makeFolder(), {
      'mine/template.json': {
        name: 'mine',
        layers: [{ from: 'base' }],
        facts: [{ set: { commands: { install: ['npm', 'install'] } } }],
      },
      'mine/base/z.txt': '',
      'mine/base/src/b/deep.txt': '',
      'mine/base/src/a.txt': '',
      'mine/base/.hidden': '',
    });
    const { stdout, stderr } = await runProgram(
      ['my-ai', '--template', 'mine', '--yes', '--dry-run'],
      { cwd },
    );
    expect(stderr).toBe('');
    expect(stdout).toBe(`Would write 5 files to my-ai and nothing has been written:

my-ai
├── src/
│   ├── b/
│   │   └── deep.txt
│   └── a.txt
├── .create-ai-backend.json
├── .hidden
└── z.txt

Would then run: npm install, git init, git commit
`);
    expect(listEntries(cwd)).not.toContain('my-ai');
  });
});

describe('what is printed', () => {
  it('is one JSON object on stdout and nothing else, with --json', async () => {
    const { stdout, stderr } = await create(makeFolder(), '--json');
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(report)).toEqual([
      'version',
      'directory',
      'name',
      'template',
      'options',
      'files',
      'commands',
      'skipped',
      'dryRun',
      'written',
      'installed',
      'repository',
      'nextSteps',
      'reproduction',
    ]);
    expect(stderr).toContain('Done:');
  });

  it('tells what to paste next', async () => {
    const { stdout } = await create(makeFolder(), '--package-manager', 'pnpm');
    expect(stdout).toMatch(/Next:\n {2}cd my-ai\n {2}pnpm install\n {2}pnpm (run )?dev\n/);
  });

  it('speaks the package manager that started it', async () => {
    const cwd = makeFolder();
    const env = { npm_config_user_agent: 'pnpm/10.1.0 npm/? node/v22.0.0 linux x64' };
    const { stdout } = await runProgram(['my-ai', ...QUICK, '--json'], { cwd, env });
    expect(parse(stdout).options).toMatchObject({ 'package-manager': 'pnpm' });
  });

  it('has no colours away from a terminal', async () => {
    const cwd = makeFolder();
    const env = { FORCE_COLOR: '1', CI: 'true' };
    const { stdout, stderr } = await runProgram(['my-ai', ...QUICK], { cwd, env });
    expect(stdout + stderr).not.toContain('\u001b');
    expect((await runProgram(['--nope'], { cwd, env })).stderr).not.toContain('\u001b');
  });

  it('is the version', async () => {
    const { stdout } = await runProgram(['--version'], { cwd: makeFolder() });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([[['--version']], [['--help']], [['schema']], [['schema', '--help']], [['--nope']]])(
    'is one JSON object with --json, by %j too',
    async (args) => {
      const { stdout } = await runProgram([...args, '--json'], { cwd: makeFolder() });
      expect(Object.keys(JSON.parse(stdout) as object).length).toBeGreaterThan(0);
    },
  );

  it('is a help for every command', async () => {
    const cwd = makeFolder();
    const { stdout } = await runProgram(['schema', '--help'], { cwd });
    expect(stdout).toContain(
      'Usage: create-ai-backend schema [answers|template|registry] [options]',
    );
    expect(stdout).not.toContain('--store');
  });

  it('is a help that names every flag, in lines that fit', async () => {
    const { stdout } = await runProgram(['--help'], { cwd: makeFolder() });
    const flags = [
      ...['--framework', '--store', '--provider', '--package-manager', '--ci', '--[no-]docker'],
      ...['--serves', '--scale', '--priority', '--team-knows', '--runs-on', '--team-size'],
      ...['--lifetime', 'create-ai-backend recommend [options]'],
      ...['--[no-]git', '--[no-]install', '--template', '--set', '--on-conflict', '--yes'],
      ...['--dry-run', '--json', '--help', '--version', '--config'],
    ];
    for (const flag of flags) expect(stdout).toContain(flag);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('ends quietly when its reader has gone', async () => {
    const command = `"${process.execPath}" "${inject('program')}" --help | true`;
    const { exitCode, stderr } = await execa('sh', ['-c', command], { reject: false });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  });
});
