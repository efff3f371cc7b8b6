import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TemplateError } from '../../errors.js';
import { explainFailure, type Meanings } from './explain-failure.js';
import { hasManifest, noManifest, type Fetched, type FetchSurroundings } from './fetched.js';
import { isFullCommit } from './pinned.js';
import { readTar } from './read-archive.js';
import { runTool, type ToolOutcome } from './run-tool.js';
import { formatSource, redact, type GitSource } from './template-source.js';
import { contentTooLarge } from './too-large.js';

/**
 * The files of a folder of a repository, as they are in the commit, by the git on this machine: so its user's
 * credentials, proxies and keys count. Nothing is checked out, and nothing that is fetched is run.
 * Throws a TemplateError, or the signal's reason.
 */
export async function fetchGit(
  source: GitSource,
  surroundings: FetchSurroundings,
): Promise<Fetched> {
  const scratch = mkdtempSync(join(tmpdir(), 'create-ai-backend-'));
  try {
    const repository = await openRepository(scratch, source, surroundings);
    const commit = await fetchCommit(repository, source);
    const shown = formatSource(source);
    const tree = await repository.run('archive', '--format=tar', `${commit}:${source.folder}`);
    const entries = tree.status === 'done' ? await readTar(tree.stdout, shown) : [];
    if (tree.status === 'too-large') throw contentTooLarge(shown);
    if (!hasManifest(entries)) throw noManifest(shown, await listFiles(repository, commit));
    return { resolved: formatSource({ ...source, ref: commit }), entries };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Repository {
  run(...args: readonly string[]): Promise<ToolOutcome>;
}

/** Empty, of our own making: no hooks, no attributes but ours, and no protocol that starts a program. */
async function openRepository(
  scratch: string,
  source: GitSource,
  { environment, signal }: FetchSurroundings,
): Promise<Repository> {
  const folder = join(scratch, 'repository.git');
  const context = {
    directory: scratch,
    environment: await toGitEnvironment(source, environment, (settings, ...args) =>
      runTool('git', args, { directory: scratch, environment: settings, signal }),
    ),
    signal,
  };
  const settings = Object.entries({
    'core.hooksPath': join(scratch, 'none'),
    'core.fsmonitor': 'false',
    'gc.auto': '0',
    'maintenance.auto': 'false',
    'tar.umask': '0022',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const run: Repository['run'] = (...args) =>
    runTool('git', [`--git-dir=${folder}`, ...settings, ...args], context);
  const made = await run('init', '--quiet', '--bare', '--template=');
  if (made.status !== 'done') throw explain(source, made);
  mkdirSync(join(folder, 'info'), { recursive: true });
  writeFileSync(join(folder, 'info', 'attributes'), AS_COMMITTED);
  return { run };
}

/**
 * Overrules what the repository says of its files: no line ends are changed, no filter (such as LFS) is run, nothing is
 * left out. A template from git has the bytes that it has in a folder.
 */
const AS_COMMITTED =
  '* -text -eol -crlf -filter -ident -working-tree-encoding -export-ignore -export-subst\n';

/** Git's own variables, of a hook that runs us, would have it work on another repository. */
const OF_A_REPOSITORY =
  /^GIT_(DIR|WORK_TREE|INDEX_FILE|OBJECT_DIRECTORY|ALTERNATE_OBJECT_DIRECTORIES|COMMON_DIR|NAMESPACE|PREFIX|SHALLOW_FILE|ATTR_SOURCE)$/;

async function toGitEnvironment(
  { url }: GitSource,
  environment: NodeJS.ProcessEnv,
  run: (settings: NodeJS.ProcessEnv, ...args: string[]) => Promise<ToolOutcome>,
): Promise<NodeJS.ProcessEnv> {
  const kept = Object.entries(environment).filter(([name]) => !OF_A_REPOSITORY.test(name));
  const quiet: NodeJS.ProcessEnv = {
    ...Object.fromEntries(kept),
    GIT_ALLOW_PROTOCOL: 'file:http:https:ssh',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GCM_INTERACTIVE: 'never',
  };
  if (/^(https?|file):/.test(url) || quiet['GIT_SSH'] !== undefined) return quiet;
  const configured = await run(quiet, 'config', '--get', 'core.sshCommand');
  const ssh = quiet['GIT_SSH_COMMAND'] ?? (configured.stdout.toString().trim() || 'ssh');
  return { ...quiet, GIT_SSH_COMMAND: `${ssh} -o BatchMode=yes` };
}

const FETCHED = 'refs/template/fetched';

/** The full id of the commit, with its files at hand. */
async function fetchCommit(repository: Repository, source: GitSource): Promise<string> {
  const { url, ref = 'HEAD' } = source;
  const fetch = (depth: readonly string[], ...refs: string[]): Promise<ToolOutcome> =>
    repository.run(
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-recurse-submodules',
      ...depth,
      '--',
      url,
      ...refs,
    );
  let name = FETCHED;
  let outcome = await fetch(['--depth=1'], `+${ref}:${FETCHED}`);
  // A server of files alone ("dumb") has no part of a history to give.
  if (/shallow|depth/i.test(outcome.said)) outcome = await fetch([], `+${ref}:${FETCHED}`);
  // Nor does every server give a commit by its id, and none does by the beginning of it: so all that has a name.
  if (outcome.status === 'failed' && isCommit(ref) && !isUnreachable(outcome.said)) {
    outcome = await fetch(
      [],
      '+refs/heads/*:refs/template/heads/*',
      '+refs/tags/*:refs/template/tags/*',
    );
    name = ref;
  }
  if (outcome.status !== 'done') throw explain(source, outcome);
  const commit = await repository.run('rev-parse', '--verify', '--quiet', `${name}^{commit}`);
  const id = commit.stdout.toString().trim();
  if (isFullCommit(id)) return id;
  throw explain(source, { ...commit, said: `couldn't find remote ref ${ref}` });
}

function isCommit(ref: string): boolean {
  return /^[0-9a-f]{4,64}$/.test(ref);
}

async function listFiles(repository: Repository, commit: string): Promise<readonly string[]> {
  const { stdout } = await repository.run('ls-tree', '-r', '-z', '--name-only', commit);
  return stdout.toString().split('\0');
}

const NO_NETWORK = `there is no way to $1: check the network, or use what was fetched before with --offline.`;
const NEEDS_LOGIN =
  'the repository is not there, or asks who you are: see that git can fetch it without asking for a password (a credential helper, an SSH key).';

const UNREACHABLE: Meanings = [
  [/could not resolve (?:host(?:name)?|proxy):? ([^\s:;]+)/i, NO_NETWORK],
  [/failed to connect to (\S+)/i, NO_NETWORK],
  [/connect to (?:host )?(\S+) port \d+: .*(?:refused|unreachable|timed out)/i, NO_NETWORK],
  [
    /could not read (?:username|password)|terminal prompts disabled|authentication failed/i,
    NEEDS_LOGIN,
  ],
  [/permission denied|HTTP(?: code)? =? ?40[13]|returned error: 40[13]/i, NEEDS_LOGIN],
  [
    /host key verification failed/i,
    'the server is not known to ssh yet: connect to it once by ssh, and confirm its key.',
  ],
];

function isUnreachable(said: string): boolean {
  return UNREACHABLE.some(([pattern]) => pattern.test(said));
}

const MEANINGS: Meanings = [
  ...UNREACHABLE,
  [
    /(?:couldn't|could not) find remote ref (.*)|not our ref (.*)/i,
    'the repository has no branch, tag or commit $1$2.',
  ],
  [
    /repository .*not found|does not appear to be a git repository|does not exist|returned error: 404|not found/i,
    'there is no such repository, or it may not be seen by you.',
  ],
  [/dubious ownership/i, 'git does not trust this repository: it belongs to somebody else.'],
  [/transport '(.*)' not allowed/i, 'a repository is never fetched by "$1".'],
];

function explain(source: GitSource, { status, said }: ToolOutcome): TemplateError {
  const shown = formatSource(source);
  if (status === 'missing') {
    return new TemplateError(
      `${shown}: git is needed to fetch it, and there is none on this machine. Install git, or name a tarball or a folder.`,
    );
  }
  return explainFailure(shown, redact(said), MEANINGS);
}
