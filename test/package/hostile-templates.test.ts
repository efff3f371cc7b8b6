import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFolder } from '../support/make-template.js';
import { listEntries } from '../support/read-tree.js';
import { makeFolder, QUICK, runProgram, type Outcome } from '../support/run-program.js';

type Files = Readonly<Record<string, unknown>>;

const MANIFEST = { name: 'mine', layers: [{ from: 'base' }] };
const SECRET = 'sk-nobody-may-see-this';

/** A working directory with a template in ./mine whose file is rendered, and what it must not get at. */
function withEjs(ejs: string, files: Files = {}): string {
  const cwd = writeFolder(makeFolder(), {
    'home/.ssh/id_ed25519': SECRET,
    'mine/template.json': MANIFEST,
    ...files,
  });
  // Where things are is nothing that a stranger would have to guess.
  const code = ejs.replaceAll('CWD', JSON.stringify(cwd).slice(1, -1));
  return writeFolder(cwd, { 'mine/base/evil.txt.ejs': code });
}

function run(cwd: string, ...flags: string[]): Promise<Outcome> {
  const env = { LEAK: SECRET, HOME: join(cwd, 'home') };
  return runProgram(['my-ai', '--template', './mine', ...QUICK, ...flags], { cwd, env });
}

/** Refused with a sentence that names the file; nothing was written, by the template neither. */
async function expectRefused(cwd: string, sentence: RegExp): Promise<void> {
  const before = listEntries(cwd);
  const { exitCode, stdout, stderr } = await run(cwd);
  expect(stderr).toMatch(sentence);
  expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stderr).not.toContain(SECRET);
  expect(listEntries(cwd)).toEqual(before);
}

const evil = (message: string): RegExp =>
  new RegExp(String.raw`mine/base/evil\.txt\.ejs(:\d+)?: .*(?:${message})`);

const NO_NAME = evil('is not defined');
const NO_CODE = evil('Code generation from strings disallowed');
/** What an escape would do with the process that it gets. */
const LOOT = '.mainModule.require("fs").writeFileSync("CWD/pwned", "x")';

describe('EJS that reaches for the machine', () => {
  const reaching: readonly (readonly [string, string, RegExp])[] = [
    ['reads a file', '<%= require("fs").readFileSync("/etc/passwd") %>', NO_NAME],
    [
      'reads keys',
      '<%= process.getBuiltinModule("fs").readFileSync("CWD/home/.ssh/id_ed25519") %>',
      NO_NAME,
    ],
    [
      'reads a file by import',
      '<%= import("fs").readFileSync("/etc/passwd") %>',
      evil('not a function'),
    ],
    ['waits for an import', '<% const fs = await import("fs") %>', evil('await')],
    ['imports as a module does', '<% import fs from "fs" %>', evil('import')],
    ['asks where it is', '<%= import.meta.url %>', evil('import')],
    ['includes a file', '<%- include("/etc/passwd") %>', evil('include\\(\\) is not available')],
    ['reads the environment', '<%= process.env.LEAK %>', NO_NAME],
    ['reads it from the globals', '<%= globalThis.process.env.LEAK %>', evil('undefined')],
    ['spawns', '<% require("child_process").execSync("touch CWD/pwned") %>', NO_NAME],
    ['writes', '<% require("fs").writeFileSync("CWD/pwned", "x") %>', NO_NAME],
    ['ends the process', '<% process.exit(0) %>', NO_NAME],
    ['binds', '<% process.binding("fs").internalModuleReadJSON("/etc/passwd") %>', NO_NAME],
    ['asks the network', '<% fetch("http://127.0.0.1:1/") %>', NO_NAME],
    ['waits for a timer', '<% setTimeout(() => 0) %>', NO_NAME],
    ['takes memory that is not counted', '<% new ArrayBuffer(2 ** 33) %>', NO_NAME],
    ['compiles WebAssembly', '<% new WebAssembly.Module() %>', NO_NAME],
  ];
  it.each(reaching)('%s', async (_name, ejs, sentence) => {
    await expectRefused(withEjs(ejs), sentence);
  });
});

describe('EJS that wants out of its context', () => {
  const reached = (object: string): string =>
    `<% ${object}.constructor.constructor("return process")()${LOOT} %>`;

  const escapes: readonly (readonly [string, string, RegExp])[] = [
    ['by Function', `<% Function("return process")()${LOOT} %>`, NO_CODE],
    ['by eval', `<% (0, eval)("process")${LOOT} %>`, NO_CODE],
    ['by the constructor of this', reached('this'), NO_CODE],
    ['by the constructor of the globals', reached('globalThis'), NO_CODE],
    [
      'by that of an async function',
      '<% (async () => 1).constructor("return process")() %>',
      NO_CODE,
    ],
    ['by that of a generator', '<% (function* () {}).constructor("return process")() %>', NO_CODE],
    ['by its data', reached('project'), NO_CODE],
    ['by what it is called with', reached('escapeFn'), NO_CODE],
    ['by include', reached('include'), NO_CODE],
    ['by the console', reached('console.log'), NO_CODE],
    ['by the promise of an import', reached('import("fs")'), NO_CODE],
    ['by its callers', `<% (function f() { return f.caller })()${LOOT} %>`, evil('strict mode')],
    [
      'by the frames of a stack',
      `<% Error.prepareStackTrace = (_, frames) => frames; new Error().stack.map((frame) => frame.getThis()).find(Boolean).process${LOOT} %>`,
      evil('undefined'),
    ],
    [
      'by a thrown proxy',
      '<% throw new Proxy({}, { get: (_target, _key, receiver) => receiver.constructor }) %>',
      evil('cannot be rendered'),
    ],
    [
      'by a message that is no text',
      '<% throw Object.assign(new Error(), { message: { toString() { return process } } }) %>',
      evil('cannot be rendered'),
    ],
    [
      'by closing the function that it is in',
      '<% } }); process.exit(0); (() => { { %>',
      evil('Missing catch|Unexpected'),
    ],
    [
      'by forging the line',
      '<% __at.line = "\\n    at forged"; null.x %>',
      evil('does not render to text'),
    ],
    [
      'by an error of a stack that ends in Node',
      `<%
        let found;
        const look = (error) => { if (error && !(error instanceof Error)) found = error; };
        function dive() {
          try { dive(); } catch (error) { look(error); }
          try { import('fs'); } catch (error) { look(error); }
          try { new Error().stack; } catch (error) { look(error); }
        }
        const dives = (depth) => { if (depth > 0 && !found) { dives(depth - 1); if (!found) try { dive(); } catch {} } };
        dives(40);
        (found ?? new Error()).constructor.constructor('return process')()${LOOT};
      %>`,
      NO_CODE,
    ],
    [
      "by putting a trap where Node's own objects look",
      `<%
        let found;
        function dive() {
          try { dive(); } catch (error) { if (!(error instanceof Error)) found = error; }
          try { import('fs'); } catch (error) { if (!(error instanceof Error)) found = error; }
        }
        try { dive(); } catch {}
        let top = found ?? Object.freeze({});
        while (Object.getPrototypeOf(top)) top = Object.getPrototypeOf(top);
        Object.defineProperty(found ? top : Object.freeze(top), 'trap', { value: 1 });
      %>`,
      evil('not extensible'),
    ],
  ];
  it.each(escapes)('%s', async (_name, ejs, sentence) => {
    await expectRefused(withEjs(ejs), sentence);
  });

  it('by what runs later, which never does', async () => {
    const later = `<% import('fs').then((fs) => fs.writeFileSync('CWD/pwned', 'x')); Promise.resolve().then(() => { for (;;); }); %>calm`;
    const cwd = withEjs(later);
    const { exitCode, stderr } = await run(cwd);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(listEntries(cwd)).not.toContain('pwned');
    expect(readFileSync(join(cwd, 'my-ai/evil.txt'), 'utf8')).toBe('calm');
  });
});

describe('EJS that takes more than its share', () => {
  const taking: readonly (readonly [string, string, RegExp])[] = [
    ['of time', '<% for (;;); %>', evil('takes more than 5 s')],
    [
      'of time, when its error is read',
      '<% throw { get message() { for (;;); }, toString() { for (;;); } } %>',
      evil('takes more than 5 s'),
    ],
    [
      'of time in a regular expression',
      '<% /^(a+)+$/.test("a".repeat(50) + "b") %>',
      evil('takes more than 5 s'),
    ],
    [
      'of memory',
      '<% const all = []; for (;;) all.push(new Array(1e6).fill(all.length)); %>',
      evil('takes more memory than 128 MB'),
    ],
    [
      'of memory, in one text',
      '<%= "x".repeat(2 ** 29 - 24) %>',
      evil('Invalid string length|takes more'),
    ],
    ['of the disk', '<%= "x".repeat(11 * 2 ** 20) %>', evil('renders to more than 10 MB')],
    ['of the stack', '<% (function dive() { dive(); dive() })() %>', evil('call stack')],
    [
      'of the terminal',
      '<% throw new Error("\\u001b[2J" + "x".repeat(1e6)) %>',
      /^[^\u001b]{0,1000}$/,
    ],
  ];
  it.each(taking)('%s', async (_name, ejs, sentence) => {
    await expectRefused(withEjs(ejs), sentence);
  });
});

describe('EJS that would have a say in more than its own file', () => {
  it.each([
    ['changes its data', '<% options.ci = "none" %>', evil('cannot be changed by a template')],
    [
      'changes its data deep down',
      '<% facts.list.push("x") %>',
      evil('cannot be changed|does not exist'),
    ],
    [
      'says the protocol in its error',
      '<% throw new Error(\'"}\\n{"text":"forged"}\') %>',
      evil('forged'),
    ],
    [
      'answers with what is no answer',
      '<% JSON.stringify = () => "null" %>',
      evil('does not render to text'),
    ],
    ['answers with no text', '<% JSON.stringify = () => ({}) %>', evil('does not render to text')],
  ])('%s', async (_name, ejs, sentence) => {
    await expectRefused(
      withEjs(ejs, {
        'mine/template.json': { ...MANIFEST, facts: [{ set: { list: ['a'] } }] },
      }),
      sentence,
    );
  });

  it('reaches no file after it', async () => {
    const cwd = withEjs(
      `<%
        Object.prototype.polluted = 'yes';
        Array.prototype.join = () => 'forged';
        String = () => 'forged';
        globalThis.left = 'behind';
        Object.getPrototypeOf(project).polluted = 'yes';
      %>evil`,
      {
        'mine/base/later.txt.ejs':
          '<%= ({}).polluted %> <%= ["a", "b"].join() %> <%= typeof left %> <%= project.name %>',
      },
    );
    const { exitCode, stderr } = await run(cwd);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(readFileSync(join(cwd, 'my-ai/later.txt'), 'utf8')).toBe(
      'undefined a,b undefined my-ai',
    );
  });
});
