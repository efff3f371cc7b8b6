import type { Answers, Option } from './option.js';

/**
 * Where an option takes effect, in the order of `--help`:
 * - `source`:      where answers stand besides the command line
 * - `project`:     part of the answers; templates see it, and a template's `supports` narrows it
 * - `requirement`: what the framework is recommended from, where none is named
 * - `template`:    a template of one's own, and its own options
 * - `fetch`:       how a template that is not on this machine is had
 * - `after`:       what is done once the files are written
 * - `start`:       what a template of one's own starts from
 * - `test`:        which of a template's examples are tested, and how
 * - `run`:         how this run behaves; never asked
 * - `every`:       what every command takes
 */
export const SCOPES = {
  source: 'Answers',
  project: 'Project',
  requirement: 'Requirements, in place of --framework',
  template: 'A template of your own',
  fetch: 'Templates from elsewhere',
  after: 'Afterwards',
  start: 'The new template',
  test: 'The test',
  run: 'This run',
  every: 'Every command',
} as const;

export type Scope = keyof typeof SCOPES;

/** Scopes whose options say what a project is and what becomes of it: a file and the environment can answer them, too. */
const ANSWERS: readonly Scope[] = ['project', 'requirement', 'template', 'fetch', 'after'];

/** Scopes whose options say how a command behaves, and what is asked of none. */
const MANNERS: readonly Scope[] = ['source', 'run', 'every'];

/** What a command is told by its options: answers, and what only the command line can say. */
export function isTold({ scope }: { readonly scope: Scope }): boolean {
  return !MANNERS.includes(scope);
}

export function isAnswer({ scope }: { readonly scope: Scope }): boolean {
  return ANSWERS.includes(scope);
}

export interface GeneratorOption extends Omit<Option, 'type'> {
  readonly scope: Scope;
  readonly type: Option['type'] | 'list';
  readonly alias?: string;
  /** Answers that go without saying when this one is `value`. */
  readonly implies?: { readonly value: boolean; readonly answers: Answers };
  /** How `--help` names the value. */
  readonly placeholder?: string;
  /** How `--help` names a default that depends on the circumstances; see detect-package-manager.ts. */
  readonly defaultHelp?: string;
}

/**
 * Every flag of the generator, in the order in which it is asked and listed.
 * Choices that no template supports are dropped before anyone sees them: see offered-options.ts.
 */
export const OPTIONS = [
  {
    name: 'config',
    scope: 'source',
    type: 'string',
    label: 'Answers',
    help: 'Take answers from this JSON file; what is typed counts more',
    placeholder: 'file',
  },
  {
    name: 'framework',
    scope: 'project',
    type: 'choice',
    label: 'Which framework?',
    help: 'Framework of the backend',
    choices: [], // the selectable built-in templates
    default: 'fastify',
  },
  {
    name: 'serves',
    scope: 'requirement',
    type: 'choice',
    label: 'What will it serve, mostly?',
    help: 'What the backend serves, mostly',
    choices: [
      { value: 'chat', label: 'Chat and agents', hint: 'in real time, streamed' },
      { value: 'jobs', label: 'Batches and long jobs' },
      { value: 'search', label: 'Embeddings and search', hint: 'many short requests' },
      { value: 'mixed', label: 'A mix of these' },
    ],
    default: 'mixed',
  },
  {
    name: 'scale',
    scope: 'requirement',
    type: 'choice',
    label: 'How far will it have to go?',
    help: 'Expected scale',
    choices: [
      { value: 'prototype', label: 'A prototype' },
      { value: 'one-machine', label: 'One machine' },
      {
        value: 'many-machines',
        label: 'Many machines',
        hint: 'several API processes and workers',
        suggests: { store: 'redis' },
      },
    ],
    default: 'one-machine',
  },
  {
    name: 'priority',
    scope: 'requirement',
    type: 'choice',
    label: 'What matters most?',
    help: 'What matters most',
    choices: [
      { value: 'latency', label: 'Latency', hint: 'answers that begin at once' },
      { value: 'throughput', label: 'Throughput', hint: 'requests for each core' },
      { value: 'structure', label: 'Structure', hint: 'one way to do things, for many hands' },
      { value: 'footprint', label: 'A small footprint', hint: 'memory, and time to start' },
      { value: 'speed-of-building', label: 'Speed of building' },
    ],
    default: 'latency',
  },
  {
    name: 'team-knows',
    scope: 'requirement',
    type: 'choice',
    label: 'What does the team know best?',
    help: 'What the team knows best',
    choices: [
      { value: 'none', label: 'None of these' },
      { value: 'express', label: 'Express' },
      { value: 'fastify', label: 'Fastify' },
      { value: 'nestjs', label: 'NestJS' },
      { value: 'hono', label: 'Hono' },
      { value: 'injection', label: 'Spring, ASP.NET or Angular' },
      { value: 'web-standards', label: 'Workers, Deno or Next.js' },
      { value: 'python', label: 'Python', hint: 'FastAPI, Flask' },
    ],
    default: 'none',
  },
  {
    name: 'runs-on',
    scope: 'requirement',
    type: 'choice',
    label: 'Where will it run?',
    help: 'Where it runs',
    choices: [
      { value: 'container', label: 'A container' },
      { value: 'kubernetes', label: 'Kubernetes' },
      { value: 'serverless', label: 'Serverless, or at the edge' },
      { value: 'virtual-machine', label: 'A virtual machine' },
    ],
    default: 'container',
  },
  {
    name: 'team-size',
    scope: 'requirement',
    type: 'choice',
    label: 'How many people will work on it?',
    help: 'People who work on it',
    choices: [
      { value: 'one', label: 'One' },
      { value: 'few', label: 'Two to six' },
      { value: 'many', label: 'More, or several teams' },
    ],
    default: 'few',
  },
  {
    name: 'lifetime',
    scope: 'requirement',
    type: 'choice',
    label: 'How long will it live?',
    help: 'How long it lives',
    choices: [
      { value: 'months', label: 'Months' },
      { value: 'years', label: 'Years' },
    ],
    default: 'years',
  },
  {
    name: 'store',
    scope: 'project',
    type: 'choice',
    label: 'Where do jobs and cached answers live?',
    help: 'Store for jobs and cache',
    choices: [
      { value: 'memory', label: 'Memory', hint: 'one process, nothing to install' },
      { value: 'redis', label: 'Redis', hint: 'several API processes and workers' },
    ],
    default: 'memory',
  },
  {
    name: 'provider',
    scope: 'project',
    type: 'choice',
    label: 'Which model provider?',
    help: 'Provider that the project is set up for',
    choices: [
      { value: 'mock', label: 'Mock', hint: 'no account, no key; switch later in .env' },
      {
        value: 'openai',
        label: 'OpenAI-compatible',
        hint: 'OpenAI, vLLM, Ollama, Groq and others',
      },
      { value: 'anthropic', label: 'Anthropic', hint: 'its own API' },
    ],
    default: 'mock',
  },
  {
    name: 'package-manager',
    scope: 'project',
    type: 'choice',
    label: 'Which package manager?',
    help: 'Package manager',
    defaultHelp: 'the one that ran this, else npm',
    choices: [
      { value: 'npm', label: 'npm' },
      { value: 'pnpm', label: 'pnpm' },
      { value: 'yarn', label: 'Yarn' },
      { value: 'bun', label: 'Bun' },
    ],
    default: 'npm',
  },
  {
    name: 'ci',
    scope: 'project',
    type: 'choice',
    label: 'Which CI service?',
    help: 'Continuous integration to set up',
    choices: [
      { value: 'github', label: 'GitHub Actions' },
      { value: 'gitlab', label: 'GitLab CI' },
      { value: 'none', label: 'None' },
    ],
    default: 'github',
  },
  {
    name: 'docker',
    scope: 'project',
    type: 'boolean',
    label: 'Add a Dockerfile and a Compose file?',
    help: 'Dockerfile and Compose file',
    default: true,
  },
  {
    name: 'git',
    scope: 'after',
    type: 'boolean',
    label: 'Start a git repository with a first commit?',
    help: 'Git repository with a first commit, where there is none around',
    default: true,
  },
  {
    name: 'install',
    scope: 'after',
    type: 'boolean',
    label: 'Install the dependencies now?',
    help: 'Install the dependencies',
    default: true,
  },
  {
    name: 'verify',
    scope: 'after',
    type: 'boolean',
    label: 'Verify the project?',
    help: 'Then lint, test, build, start and try the project; takes minutes',
    default: false,
    unasked: true,
    implies: { value: true, answers: { install: true } },
  },
  {
    name: 'run',
    scope: 'after',
    type: 'boolean',
    label: "Run the template's commands?",
    help: "Run the template's commands at all",
    default: true,
    unasked: true,
    implies: { value: false, answers: { install: false, verify: false } },
  },
  {
    name: 'template',
    scope: 'template',
    type: 'string',
    label: 'Template',
    help: 'Use this template instead of a framework: a folder, git, npm, a tarball, or a name in the registry',
    placeholder: 'source',
  },
  {
    name: 'set',
    scope: 'template',
    type: 'list',
    label: 'Option',
    help: "Answer one of the template's own options; repeatable",
    placeholder: 'key=value',
  },
  {
    name: 'registry',
    scope: 'fetch',
    type: 'string',
    label: 'Registry',
    help: 'Look templates up by name in this JSON index',
    placeholder: 'file or URL',
  },
  {
    name: 'trust',
    scope: 'fetch',
    type: 'string',
    label: 'Trust',
    help: 'Use a template from elsewhere without a question when it has this digest; several with commas',
    placeholder: 'digest',
    pattern: '^sha256:[0-9a-f]{64}(,sha256:[0-9a-f]{64})*$',
    form: 'a digest, which is "sha256:" and 64 hexadecimal digits, as create-ai-backend template show prints it; several with commas',
  },
  {
    name: 'offline',
    scope: 'fetch',
    type: 'boolean',
    label: 'Offline',
    help: 'Take templates from the cache only',
    default: false,
  },
  {
    name: 'extends',
    scope: 'start',
    type: 'choice',
    label: 'What is it made on?',
    help: 'What the template is made on',
    choices: [], // the selectable built-in templates, and nothing
    default: 'fastify',
  },
  {
    name: 'example',
    scope: 'test',
    type: 'string',
    label: 'Example',
    help: 'Test this example only',
    placeholder: 'name',
  },
  {
    name: 'suite',
    scope: 'test',
    type: 'string',
    label: 'Conformance suite',
    help: 'Check what claims the contract by this conformance suite: npm:package, a tarball, a folder, or none',
    placeholder: 'source',
    defaultHelp: 'the one of this version',
  },
  {
    name: 'on-conflict',
    scope: 'run',
    type: 'choice',
    label: 'What about existing files?',
    help: 'What to do in a directory that is not empty',
    choices: [
      { value: 'error', label: 'Refuse' },
      { value: 'skip', label: 'Keep existing files' },
      { value: 'overwrite', label: 'Replace existing files' },
    ],
    default: 'error',
  },
  {
    name: 'yes',
    scope: 'run',
    type: 'boolean',
    alias: 'y',
    label: 'Defaults',
    help: 'Ask nothing; take the default for what is not given',
    default: false,
  },
  {
    name: 'dry-run',
    scope: 'run',
    type: 'boolean',
    label: 'Dry run',
    help: 'Show what would be written and run, and write nothing',
    default: false,
  },
  {
    name: 'json',
    scope: 'every',
    type: 'boolean',
    label: 'JSON',
    help: 'Print one JSON object on stdout; implies no questions',
    default: false,
  },
  {
    name: 'plain',
    scope: 'every',
    type: 'boolean',
    label: 'Plain',
    help: 'Ask and tell line by line, without colours or moving text, for a screen reader',
    default: false,
  },
  {
    name: 'help',
    scope: 'every',
    type: 'boolean',
    alias: 'h',
    label: 'Help',
    help: 'Show this help',
    default: false,
  },
  {
    name: 'version',
    scope: 'every',
    type: 'boolean',
    alias: 'v',
    label: 'Version',
    help: 'Show the version',
    default: false,
  },
] as const satisfies readonly GeneratorOption[];

export type OptionName = (typeof OPTIONS)[number]['name'];
export type ConflictPolicy = 'error' | 'skip' | 'overwrite';
