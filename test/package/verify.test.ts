import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, inject, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { minimalService, SERVER, STEPS } from '../support/minimal-service.js';
import { makeFolder, plainEnvironment, runProgram, type Outcome } from '../support/run-program.js';

interface StepReport {
  readonly name: string;
  readonly status: string;
  readonly command: readonly string[];
  readonly milliseconds: number;
}

interface Verification {
  readonly passed: boolean;
  readonly steps: readonly StepReport[];
}

const ARGS = ['my-ai', '--template', './mine', '--yes', '--no-git', '--verify'];

function verify(cwd: string, ...flags: readonly string[]): Promise<Outcome> {
  return runProgram([...ARGS, ...flags], { cwd });
}

describe('--verify', () => {
  it('runs what the template has, then starts and tries what came of it', async () => {
    const cwd = writeFolder(makeFolder(), minimalService());
    const { exitCode, stdout, stderr } = await verify(cwd, '--json');
    expect(exitCode, stderr).toBe(0);
    const { verification } = JSON.parse(stdout) as { verification: Verification };
    expect(verification.passed).toBe(true);
    expect(verification.steps.map(({ name }) => name)).toEqual(STEPS);
    for (const { status, command, milliseconds } of verification.steps) {
      expect(status).toBe('passed');
      expect(command[0]).toBe('node');
      expect(milliseconds).toBeGreaterThan(0);
    }
    const pid = Number(readFileSync(join(cwd, 'my-ai/server.pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('tells of each step and how long it took', async () => {
    const { stdout } = await verify(writeFolder(makeFolder(), minimalService()));
    for (const step of STEPS) {
      expect(stdout).toMatch(new RegExp(String.raw`\n  passed ${step} \d+\.\d s\n`));
    }
    expect(stdout).toMatch(/\nVerified in \d+ s\n/);
  });

  it.each(STEPS)('names the step "%s" when it fails, and keeps the project', async (step) => {
    const cwd = writeFolder(makeFolder(), minimalService(step));
    const { exitCode, stdout, stderr } = await verify(cwd, '--json');
    expect(exitCode).toBe(5);
    const { error } = JSON.parse(stdout) as {
      error: { step: string; resume: string; verification: Verification };
    };
    const told = step === 'contract' ? 'does not keep the contract' : `${step} is broken`;
    expect(stderr).toContain(`Verification failed at "${step}"`);
    expect(stderr).toContain(told);
    expect(stderr).toContain(`go on with: ${error.resume}`);
    expect(error).toMatchObject({ exitCode: 5, written: true, step });
    expect(error.resume).toMatch(/^cd my-ai && node /);
    expect(error.verification.passed).toBe(false);
    expect(error.verification.steps.map(({ name, status }) => [name, status])).toEqual(
      STEPS.slice(0, STEPS.indexOf(step) + 1).map((name) => [
        name,
        name === step ? 'failed' : 'passed',
      ]),
    );
    expect(existsSync(join(cwd, 'my-ai/server.js'))).toBe(true);
  });

  it('leaves out what needs a service that is not there, and says what is missing', async () => {
    const services = { queue: { url: { variable: 'QUEUE_URL', value: 'x' } } };
    const cwd = writeFolder(makeFolder(), minimalService(undefined, { services }));
    const { exitCode, stdout } = await verify(cwd);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/skipped boot .*: set QUEUE_URL to have it checked/);
    expect(stdout).toMatch(/\nVerified, without boot and contract, in \d+ s\n/);
  });

  it('checks no more than a template has', async () => {
    const cwd = writeFolder(makeFolder(), {
      'mine/template.json': {
        name: 'mine',
        layers: [{ from: 'base' }],
        facts: [{ set: { commands: { test: ['node', '-e', '0'] } } }],
      },
      'mine/base/hello.txt': 'hello\n',
    });
    const { stdout } = await verify(cwd, '--json');
    const { verification } = JSON.parse(stdout) as { verification: Verification };
    expect(verification.steps.map(({ name }) => name)).toEqual(['test']);
  });

  it('is foretold by --dry-run', async () => {
    const { stdout } = await verify(writeFolder(makeFolder(), minimalService()), '--dry-run');
    expect(stdout).toContain('Would then run: node -e 0, node -e 0, node server.js\n');
  });

  it('can be taken from the environment, and installs for it', async () => {
    const cwd = writeFolder(makeFolder(), minimalService());
    const env = { CREATE_AI_BACKEND_VERIFY: 'true' };
    const flags = ARGS.filter((flag) => flag !== '--verify');
    const { stdout } = await runProgram([...flags, '--json'], { cwd, env });
    expect(JSON.parse(stdout)).toMatchObject({ installed: true, verification: { passed: true } });
  });

  it('is ended by SIGINT with the server gone, and says how to go on', async () => {
    const slow = SERVER.replace("'/readyz': () => [200", "'/readyz': () => [503");
    const cwd = writeFolder(makeFolder(), { ...minimalService(), 'mine/base/server.js': slow });
    const child = execa(process.execPath, [inject('program'), ...ARGS], {
      cwd,
      env: plainEnvironment(),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    const file = join(cwd, 'my-ai/server.pid');
    await expect.poll(() => existsSync(file), { timeout: 20_000 }).toBe(true);
    child.kill('SIGINT');
    const { exitCode, stderr } = await child;
    expect(exitCode).toBe(130);
    expect(stderr).toContain('go on with: cd my-ai && node server.js');
    expect(() => process.kill(Number(readFileSync(file, 'utf8')), 0)).toThrow('ESRCH');
  });
});
