import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { makeFolder, runProgram } from '../support/run-program.js';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

type Shell = (typeof SHELLS)[number];

const isHere = (shell: Shell): boolean => spawnSync(shell, ['--version']).status === 0;

/** Files that a completion may offer. */
const FILES = { 'answers.json': '{}', 'mine/template.json': '{}' };

let cwd = '';

beforeAll(async () => {
  cwd = writeFolder(makeFolder(), FILES);
  for (const shell of SHELLS) {
    const { stdout, stderr } = await runProgram(['completion', shell], { cwd });
    expect(stderr).toBe('');
    writeFileSync(join(cwd, `completion.${shell}`), stdout);
  }
});

/** What the shell offers after a line; its last word is the one that is begun. */
const OFFERS: Readonly<Record<Exclude<Shell, 'zsh'>, (line: string) => Promise<string[]>>> = {
  bash: async (line) => {
    const script = `source completion.bash
      COMP_WORDS=(create-ai-backend "$@"); COMP_CWORD=$#
      _create_ai_backend; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const words = line.split(' ').flatMap((word) => word.split(/(?<==)|(?==)/));
    const { stdout } = await execa('bash', ['-c', script, 'bash', ...words], { cwd });
    return stdout.split('\n');
  },
  fish: async (line) => {
    const script = `source completion.fish; complete -C 'create-ai-backend ${line}'`;
    const { stdout } = await execa('fish', ['--no-config', '-c', script], { cwd });
    return stdout.split('\n').map((offer) => offer.split('\t', 1)[0] ?? '');
  },
};

describe.each(['bash', 'fish'] as const)('completion in %s', (shell) => {
  // Skipped where the shell is not installed: bash is everywhere.
  const runs = it.skipIf(shell !== 'bash' && !isHere(shell));

  runs.each([
    ['--sto', ['--store']],
    ['--no-d', ['--no-docker']],
    ['--store ', ['memory', 'redis']],
    ['my-ai --provider ant', ['anthropic']],
    ['sch', ['schema']],
    ['completion f', ['fish']],
    ['schema --j', ['--json']],
    ['--config ans', ['answers.json']],
    ['--template m', [shell === 'fish' ? 'mine/' : 'mine']],
  ])('goes on from %j', async (line, offers) => {
    expect(await OFFERS[shell](line)).toEqual(offers);
  });

  runs('goes on after an equals sign', async () => {
    const offers = await OFFERS[shell]('--store=r');
    expect(offers.map((offer) => offer.replace('--store=', ''))).toEqual(['redis']);
  });

  runs('offers no option of another command', async () => {
    expect(await OFFERS[shell]('schema --')).not.toContain('--store');
  });
});

describe('completion in zsh', () => {
  it.skipIf(!isHere('zsh'))('is registered when it is sourced', async () => {
    const script =
      'autoload -U compinit; compinit -u -D; source ./completion.zsh; print $_comps[create-ai-backend]';
    const { stdout, stderr } = await execa('zsh', ['-f', '-c', script], { cwd });
    expect({ stdout, stderr }).toEqual({ stdout: '_create_ai_backend', stderr: '' });
  });
});

describe('completion', () => {
  it.each(SHELLS)('knows every option and value in %s', async (shell) => {
    const { stdout } = await runProgram(['completion', shell, '--json'], { cwd });
    const { script } = JSON.parse(stdout) as { script: string };
    const help = await runProgram(['--help', '--json'], { cwd });
    const { options } = JSON.parse(help.stdout) as {
      options: readonly { name: string; values?: readonly string[] }[];
    };
    for (const { name, values = [] } of options) {
      expect(script).toContain(shell === 'fish' ? `-l ${name}` : `--${name}`);
      expect(script).toContain(values.join(' '));
    }
  });

  it.each([
    [['completion'], /Name the shell: create-ai-backend completion bash\|zsh\|fish/],
    [['completion', 'fsh'], /no completion for "fsh".*Did you mean/],
    [['completion', 'bash', 'zsh'], /Only one shell.*"bash" and "zsh"/],
  ])('refuses %j', async (args, sentence) => {
    const { exitCode, stderr, stdout } = await runProgram(args, { cwd });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(sentence);
  });
});
