import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries, readTree } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram } from '../support/run-program.js';
import { hasTerminal, openTerminal, type Size, type Terminal } from '../support/terminal.js';

/** A question, the keys that answer it, and the flag that would have. */
interface Step {
  readonly asked: string;
  readonly keys: readonly string[];
  readonly flags?: readonly string[];
}

const DIRECTORY: Step = { asked: 'Where should the project go?', keys: ['Enter'] };
const ADVICE: Step = { asked: 'Which framework?', keys: ['Enter'] };

/** Whoever asks for advice is asked all of this. */
const REQUIREMENTS: readonly Step[] = [
  { asked: 'What will it serve', keys: ['Up', 'Enter'], flags: ['--serves', 'search'] },
  { asked: 'How far will', keys: ['Enter'], flags: ['--scale', 'one-machine'] },
  { asked: 'What matters most?', keys: ['Down', 'Enter'], flags: ['--priority', 'throughput'] },
  { asked: 'What does the team', keys: ['Enter'], flags: ['--team-knows', 'none'] },
  { asked: 'Where will it run?', keys: ['Down', 'Enter'], flags: ['--runs-on', 'kubernetes'] },
  { asked: 'How many people', keys: ['Enter'], flags: ['--team-size', 'few'] },
  { asked: 'How long will it', keys: ['Enter'], flags: ['--lifetime', 'years'] },
];

const TAKEN: Step = { asked: 'Which one will it be?', keys: ['Enter'] };

const PROJECT: readonly Step[] = [
  { asked: 'Where do jobs', keys: ['Down', 'Enter'], flags: ['--store', 'redis'] },
  { asked: 'Which model provider?', keys: ['Down', 'Enter'], flags: ['--provider', 'openai'] },
  { asked: 'Which package', keys: ['Down', 'Enter'], flags: ['--package-manager', 'pnpm'] },
  { asked: 'Which CI service?', keys: ['Down', 'Enter'], flags: ['--ci', 'none'] },
  { asked: 'Add a Dockerfile', keys: ['n'], flags: ['--no-docker'] },
  { asked: 'Start a git', keys: ['n'], flags: ['--no-git'] },
  { asked: 'Install the', keys: ['n'], flags: ['--no-install'] },
];

const SUMMARY: Step = { asked: 'Write it?', keys: ['Enter'] };

const GUIDED = [DIRECTORY, ADVICE, ...REQUIREMENTS, TAKEN, ...PROJECT, SUMMARY];

/** The words of the last command that a screen shows. */
function commandOn(screen: string): string[] {
  const text = screen.slice(screen.lastIndexOf('npx create-ai-backend@'));
  return (text.split('\n', 1)[0] ?? '').trim().split(' ').slice(2);
}

describe.skipIf(!hasTerminal)('a person at a terminal', () => {
  let terminal: Terminal | undefined;

  const open = (cwd: string, args: readonly string[], size?: Size): Terminal =>
    (terminal = openTerminal(cwd, args, size));

  const answer = async ({ press, see }: Terminal, steps: readonly Step[]): Promise<void> => {
    for (const { asked, keys } of steps) {
      await see(`◆  ${asked}`);
      press(...keys);
    }
  };

  afterEach(() => {
    terminal?.close();
    terminal = undefined;
  });

  describe('who knows', () => {
    it('is through in three keystrokes', async () => {
      const cwd = makeFolder();
      const { press, see } = open(cwd, ['my-ai', '--no-git', '--no-install']);
      await see('Which framework?');
      press('Down', 'Enter');
      await see('Write it?');
      press('Enter');
      const screen = await see('exit: 0');
      expect(screen).toMatch(/Next:\s+cd my-ai\s+npm install/);
      expect(listEntries(cwd)).toContain('my-ai/package.json');
    });

    it('sees the defaults, and can change one of them', async () => {
      const cwd = makeFolder();
      const flags = ['my-ai', '--framework', 'fastify', '--no-git', '--no-install'];
      const { press, see } = open(cwd, flags);
      await see(/store\s+Memory/);
      press('Down', 'Enter');
      const offered = await see('What should be different?');
      expect(offered).not.toMatch(/Framework:|Git repository/);
      press('Enter');
      await see('Where do jobs');
      press('Down', 'Enter');
      await see(/store\s+Redis/);
      press('Enter');
      await see('exit: 0');
      const flagged = makeFolder();
      await runProgram(['my-ai', ...QUICK, '--store', 'redis'], { cwd: flagged });
      expect(readTree(join(cwd, 'my-ai'))).toEqual(readTree(join(flagged, 'my-ai')));
    });

    it('is asked nothing with --yes', async () => {
      const { see } = open(makeFolder(), ['my-ai', ...QUICK]);
      expect(await see('exit: 0')).not.toContain('◆');
    });

    it('is asked nothing where flags have said it all', async () => {
      const flags = [...PROJECT.flatMap((step) => step.flags ?? []), '--framework', 'fastify'];
      const { see } = open(makeFolder(), ['my-ai', ...flags]);
      expect(await see('exit: 0')).not.toMatch(/◆|Escape/);
    });
  });

  describe('who wants advice', () => {
    it('is asked everything, and gets what flags would have given', async () => {
      const cwd = makeFolder();
      const session = open(cwd, [], { columns: 100, rows: 200 });
      await answer(session, GUIDED);
      const screen = await session.see('exit: 0');
      expect(screen).toMatch(/What counts\s+weight/);
      expect(screen).toMatch(/Nothing of this is measured yet|Figures: /);
      expect(screen).toMatch(/Next:\s+cd my-ai\s+pnpm install/);
      const flagged = makeFolder();
      const flags = [...REQUIREMENTS, ...PROJECT].flatMap((step) => step.flags ?? []);
      const { exitCode } = await runProgram(['my-ai', ...flags], { cwd: flagged });
      expect(exitCode).toBe(0);
      expect(readTree(join(cwd, 'my-ai'))).toEqual(readTree(join(flagged, 'my-ai')));
    });

    it('gets the same again by the command that is shown, without a question', async () => {
      const cwd = makeFolder();
      const session = open(cwd, [], { columns: 100, rows: 200 });
      await answer(session, GUIDED.slice(0, -1));
      const command = commandOn(await session.see('Write it?'));
      session.press('Enter');
      await session.see('exit: 0');
      const again = makeFolder();
      const { exitCode } = await runProgram(command, { cwd: again });
      expect(exitCode).toBe(0);
      expect(readTree(join(again, 'my-ai'))).toEqual(readTree(join(cwd, 'my-ai')));
    });

    it('is asked only what flags leave open', async () => {
      const given = REQUIREMENTS.slice(1).flatMap((step) => step.flags ?? []);
      const session = open(makeFolder(), ['my-ai', ...given, '--dry-run']);
      await answer(session, [...REQUIREMENTS.slice(0, 1), TAKEN, ...PROJECT]);
      expect(await session.see('exit: 0')).not.toContain('How far will');
    });

    it('can read it all on a narrow screen', async () => {
      const session = open(makeFolder(), [], { columns: 40, rows: 50 });
      expect(await session.see('leaves.')).toMatch(/\n│ {2}goes back, Ctrl-C leaves\.\n/);
      await answer(session, GUIDED);
      await session.see('exit: 0');
    });

    it('is told what many machines mean for the store', async () => {
      const given = REQUIREMENTS.flatMap((step) => step.flags ?? []);
      const scale = ['--scale', 'many-machines'];
      const session = open(makeFolder(), ['my-ai', ...given, ...scale]);
      await answer(session, [TAKEN]);
      await session.see('● Redis');
    });

    it('may ask without writing anything', async () => {
      const cwd = makeFolder();
      const session = open(cwd, ['recommend'], { columns: 100, rows: 100 });
      await answer(session, REQUIREMENTS);
      expect(await session.see('exit: 0')).toContain('--serves search --scale one-machine');
      expect(listEntries(cwd)).toEqual([]);
    });
  });

  describe('who goes back', () => {
    it('sees the question before, with what was said, and goes on from there', async () => {
      const session = open(makeFolder(), ['my-ai']);
      await answer(session, [ADVICE, ...REQUIREMENTS.slice(0, 3)]);
      await session.see('◆  What does the team');
      session.press('Escape');
      await session.see(/◆ {2}What matters most\?\n.*Latency.*\n.*● Throughput/);
      session.press('Escape');
      await session.see('◆  How far will');
      session.press('Escape');
      await session.see(/◆ {2}What will it serve[^◆]*● Embeddings/);
      session.press('Escape');
      await session.see(/◆ {2}Which framework\?\n.*● Help me choose/);
      session.press('Down', 'Enter');
      await session.see('Write it?');
      session.press('Escape');
      await session.see(/◆ {2}Which framework\?\n.*○ Help me choose/);
    });

    it('from what should be different, sees the summary again', async () => {
      const session = open(makeFolder(), ['my-ai', '--framework', 'fastify']);
      await session.see('◆  Write it?');
      session.press('Down', 'Enter');
      await session.see('◆  What should be different?');
      session.press('Escape');
      await session.see('◆  Write it?');
      session.press('Down', 'Enter');
      await session.see('◆  What should be different?');
      session.press('Enter');
      await session.see('◆  Where do jobs');
      session.press('Escape');
      expect(await session.see('◆  Write it?')).toMatch(/store\s+Memory/);
    });

    it('from the first question, leaves', async () => {
      const cwd = makeFolder();
      const { press, see } = open(cwd, []);
      await see('Where should the project go?');
      press('Escape');
      await see('exit: 130');
      expect(listEntries(cwd)).toEqual([]);
    });
  });

  describe('who gives a directory that cannot be used', () => {
    it('is told at once', async () => {
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

    it('is told at once that it is not empty, too', async () => {
      const cwd = makeFolder();
      mkdirSync(join(cwd, 'full'));
      writeFileSync(join(cwd, 'full/notes.txt'), '');
      const asked = open(cwd, []);
      await asked.see('Where should the project go?');
      asked.type('full');
      asked.press('Enter');
      await asked.see(/"?full"? is not empty: it\s+holds\s+notes\.txt/);
      asked.close();
      const typed = open(cwd, ['full']);
      expect(await typed.see('exit: 3')).not.toContain('◆');
    });
  });

  it.each(GUIDED.map(({ asked }, index) => [asked, index] as const))(
    'leaves nothing behind by Ctrl-C at "%s"',
    async (asked, index) => {
      const cwd = makeFolder();
      const session = open(cwd, [], { columns: 100, rows: 200 });
      await answer(session, GUIDED.slice(0, index));
      await session.see(`◆  ${asked}`);
      session.press('C-c');
      expect(await session.see('exit: 130')).toContain('Nothing was written');
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
            pattern: '^[a-z ]+$',
            when: { style: 'loud' },
          },
          never: { type: 'boolean', label: 'Never asked?', when: { style: 'plain' } },
        },
      },
      'mine/base/team.txt.ejs': '<%= options.style %> <%= options.team %>\n',
    });
    const { press, see, type } = open(
      cwd,
      ['my-ai', '--template', 'mine', '--no-git', '--no-install'],
      { columns: 200 },
    );
    await see('Which style?');
    press('Down', 'Enter');
    await see('Which team?');
    type('Core');
    press('Enter');
    await see('must match');
    press('BSpace', 'BSpace', 'BSpace', 'BSpace');
    type('the core');
    press('Enter');
    const screen = await see('Write it?');
    expect(screen).not.toContain('Never asked?');
    expect(screen).toContain(
      "my-ai --template mine --set style=loud --set 'team=the core' --no-git --no-install --yes",
    );
    press('Enter');
    await see('exit: 0');
    expect(readFileSync(join(cwd, 'my-ai/team.txt'), 'utf8')).toBe('loud the core\n');
  });

  it('sees no question where CI is set', async () => {
    const cwd = makeFolder();
    const { see } = open(cwd, ['--no-git', '--no-install'], { env: { CI: 'true' } });
    await see('Name the directory');
    await see('exit: 2');
  });

  describe('who reads line by line', () => {
    it.each([
      ['--plain', ['--plain'], {}],
      ['a terminal that is no more', [], { TERM: 'dumb' }],
    ])('is asked so: %s', async (_why, flags, env) => {
      const cwd = makeFolder();
      const { press, type, see } = open(cwd, ['--no-git', '--no-install', ...flags], { env });
      const reply = async (asked: string, typed: string): Promise<void> => {
        await see(new RegExp(`${asked}[^]*:\\s*$`));
        type(typed);
        press('Enter');
      };
      await reply('Where should the project go', 'UPPER');
      await see(/"UPPER" cannot be a project's name/);
      await reply('\\[my-ai\\]', 'my-ai');
      await reply('Which framework', '<');
      await reply('Where should', '');
      await reply('Which framework', 'hono');
      await reply('Write it', '2');
      await reply('What should be different', 'store');
      await reply('Where do jobs', '2');
      await reply('Write it', '');
      const screen = await see('exit: 0');
      expect(screen).not.toMatch(/[◆◇│└●]/);
      expect(readFileSync(join(cwd, 'my-ai/.create-ai-backend.json'), 'utf8')).toMatch(
        /"framework": "hono"[^]*"store": "redis"/,
      );
    });

    it('leaves by Ctrl-C, and nothing is there', async () => {
      const cwd = makeFolder();
      const { press, see } = open(cwd, ['--plain']);
      await see(/Where should the project go/);
      press('C-c');
      await see('exit: 130');
      expect(listEntries(cwd)).toEqual([]);
    });
  });
});
