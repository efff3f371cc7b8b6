import { UsageError, type UserError } from '../../errors.js';
import { didYouMean } from '../../options/nearest.js';

/** Where a template comes from, as it was typed. */
export type TemplateSource = NameSource | FetchableSource;

/** All that needs nobody to look a name up. */
export type FetchableSource = FolderSource | GitSource | NpmSource | TarballSource;

/** A built-in template, one in the registry, or a folder: only who knows what there is can say which. */
export interface NameSource {
  readonly kind: 'name';
  readonly name: string;
}

export interface FolderSource {
  readonly kind: 'folder';
  readonly path: string;
}

export interface GitSource {
  readonly kind: 'git';
  /** As git takes it: a URL, or `user@host:path`. */
  readonly url: string;
  /** Inside the repository, with slashes; empty for the whole of it. */
  readonly folder: string;
  /** A branch, a tag or a commit; the default branch when it is missing. */
  readonly ref?: string;
}

export interface NpmSource {
  readonly kind: 'npm';
  readonly name: string;
  /** A version, a range or a tag; `latest` when it is missing. */
  readonly version?: string;
}

export interface TarballSource {
  readonly kind: 'tarball';
  /** A path, or an http(s) URL. */
  readonly location: string;
  /** What the archive's bytes have to come to. */
  readonly sha256?: string;
}

/** The error's class: what was typed is wrong usage, what a file says is not. */
type Failure = new (message: string) => UserError;

const FORMS = `A source is one of:
  ./folder                                  a folder on this machine
  github:owner/repo[/folder][#ref]          a repository on GitHub
  git+https://host/repo.git[//folder][#ref] any git URL: https, http, ssh, file; also git@host:owner/repo.git
  npm:@scope/package[@version]              an npm package
  ./template.tgz, https://host/template.tgz a tarball: .tgz or .tar.gz, with [#sha256:…]`;

const SCHEMES = ['github', 'git+https', 'git+http', 'git+ssh', 'git+file', 'npm', 'https', 'http'];

/**
 * Reads a source. Throws a UsageError, or what else is wished, that says what is wrong and what forms there are.
 * @param where what says so, for messages: an option, or file and line
 */
export function parseSource(
  text: string,
  where = '--template',
  Failure: Failure = UsageError,
): TemplateSource {
  const refuse: Refuse = (reason) => {
    throw new Failure(`${where}: ${JSON.stringify(redact(text))} ${reason}.\n${FORMS}`);
  };
  if (text === '') refuse('is empty');
  if (/[\u0000-\u001f\u007f]/.test(text)) refuse('holds a control character');
  if (text.startsWith('-')) refuse('begins with "-"');
  const scheme = schemeOf(text);
  if (scheme === 'github') return parseGitHub(text.slice('github:'.length), refuse);
  if (scheme === 'npm') return parseNpm(text.slice('npm:'.length), refuse);
  if (isTarball(text)) return parseTarball(text, scheme, refuse);
  if (scheme?.startsWith('git+')) return parseGitUrl(text.slice('git+'.length), refuse);
  if (isScp(text) || scheme === 'ssh' || scheme === 'file') return parseGitUrl(text, refuse);
  if (scheme === 'https' || scheme === 'http') {
    if (/\.git(\/\/|#|$)/.test(text)) return parseGitUrl(text, refuse);
    refuse('is neither a tarball nor a git URL: for a repository, put "git+" in front of it');
  }
  if (scheme !== undefined) {
    refuse(`begins with "${scheme}:", which is none of these.${didYouMean(scheme, SCHEMES)}`);
  }
  if (isFolder(text)) return { kind: 'folder', path: text };
  if (text.includes(':')) refuse('is none of these');
  return { kind: 'name', name: text };
}

type Refuse = (reason: string) => never;

/** A letter before a colon is a drive of Windows. */
function schemeOf(text: string): string | undefined {
  return /^([a-z][a-z0-9+.-]+):/i.exec(text)?.[1]?.toLowerCase();
}

function isFolder(text: string): boolean {
  return /^(\.{1,2}|~)?[/\\]|^\.{1,2}$|^[a-z]:[/\\]/i.test(text);
}

function isTarball(text: string): boolean {
  const url = /^https?:/i.test(text);
  return (url ? /\.(tgz|tar\.gz)(\?[^#]*)?(#|$)/i : /\.(tgz|tar\.gz)(#sha256:|$)/i).test(text);
}

function isScp(text: string): boolean {
  return /^[^/:@]+@[^/:@]+:/.test(text);
}

function parseGitHub(rest: string, refuse: Refuse): GitSource {
  const [path, ref] = splitAt(rest, '#');
  const [, owner, name, , folder = ''] =
    /^([^/]*)\/([^/]*)(\/(.*))?$/.exec(path) ?? refuse('names no repository: owner/repo');
  const repository = name?.replace(/\.git$/, '');
  if (
    !/^[a-z0-9][a-z0-9-]*$/i.test(owner ?? '') ||
    !/^(?!\.{1,2}$)[\w.][\w.-]*$/.test(repository ?? '')
  )
    refuse('names no repository: owner/repo');
  return gitSource(
    `https://github.com/${owner ?? ''}/${repository ?? ''}.git`,
    folder,
    ref,
    refuse,
  );
}

function parseGitUrl(text: string, refuse: Refuse): GitSource {
  const [location, ref] = splitAt(text, '#');
  const start = location.includes('://') ? location.indexOf('://') + '://'.length : 0;
  const [path, folder = ''] = splitAt(location.slice(start), '//');
  const url = location.slice(0, start) + path;
  if (start === 0) checkScp(url, refuse);
  else checkGitUrl(url, refuse);
  return gitSource(url, folder, ref, refuse);
}

/** What follows an "@" or stands in front of it reaches ssh, for which a leading "-" is an option. */
function checkScp(url: string, refuse: Refuse): void {
  if (!/^[\w][\w.-]*@[a-z0-9][a-z0-9.-]*:[\w~][^\s\\]*$/i.test(url))
    refuse('is not a git URL such as git@host:owner/repo.git');
}

function checkGitUrl(text: string, refuse: Refuse): void {
  const url = URL.canParse(text) ? new URL(text) : refuse('is not a URL');
  if (!/^(https?|ssh|file):$/.test(url.protocol)) refuse(`cannot be fetched by "${url.protocol}"`);
  if (url.protocol === 'file:' ? url.host !== '' : url.host === '')
    refuse(url.host === '' ? 'names no host' : 'names a host: a file URL begins with "file:///"');
  if (url.pathname.length < 2) refuse('names no repository');
  if (url.search !== '') refuse('holds a "?"');
  const names = [url.hostname, url.username, url.pathname.slice(1)];
  if (names.some((name) => /^(-|%2d)/i.test(name))) refuse('holds a name that begins with "-"');
}

function gitSource(
  url: string,
  folder: string,
  ref: string | undefined,
  refuse: Refuse,
): GitSource {
  const inside = folder.replace(/\/$/, '');
  if (inside !== '') checkFolder(inside, refuse);
  if (ref !== undefined) checkRef(ref, refuse);
  return { kind: 'git', url, folder: inside, ...(ref === undefined ? {} : { ref }) };
}

function checkFolder(folder: string, refuse: Refuse): void {
  const segments = folder.split('/');
  if (segments.includes('..')) refuse('leads out of the repository by ".."');
  if (folder.startsWith('-')) refuse(`names a folder that begins with "-"`);
  if (segments.some((segment) => segment === '' || segment === '.') || /[\\:]/.test(folder))
    refuse('names no folder inside the repository');
}

/** As `git check-ref-format` has it; what is a pattern or a pair for git is no name of a branch. */
function checkRef(ref: string, refuse: Refuse): void {
  if (ref === '') refuse('ends in "#": a branch, a tag or a commit is missing');
  if (ref.startsWith('-')) refuse('names a ref that begins with "-"');
  if (/[\s~^:?*[\\]|\.\.|@\{|\/\/|^[+/.]|[/.]$|\.lock$/.test(ref))
    refuse(`names "${ref}", which can be no branch, tag or commit`);
}

function parseNpm(rest: string, refuse: Refuse): NpmSource {
  const at = rest.indexOf('@', 1);
  const name = at < 0 ? rest : rest.slice(0, at);
  const version = at < 0 ? undefined : rest.slice(at + 1);
  if (!/^(@[a-z0-9~][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/i.test(name))
    refuse('names no npm package');
  if (version === undefined) return { kind: 'npm', name };
  if (!/^[~^]?\w[\w.+-]*$/.test(version)) refuse('names no version or tag of an npm package');
  return { kind: 'npm', name, version };
}

function parseTarball(text: string, scheme: string | undefined, refuse: Refuse): TarballSource {
  if (scheme !== undefined && !/^https?$/.test(scheme))
    refuse('is a tarball neither at a path nor at an http(s) URL');
  if (scheme !== undefined && !URL.canParse(text)) refuse('is not a URL');
  const [location, pin] = splitAt(text, '#');
  if (pin === undefined) return { kind: 'tarball', location };
  const [, sha256] =
    /^sha256:([0-9a-f]{64})$/i.exec(pin) ?? refuse('is pinned by something else than "#sha256:…"');
  return { kind: 'tarball', location, sha256: (sha256 ?? '').toLowerCase() };
}

export function isUrl(location: string): boolean {
  return /^https?:\/\//i.test(location);
}

function splitAt(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

/** As it would be typed, without what is secret: parses to the same source, except for a password. */
export function formatSource(source: TemplateSource): string {
  switch (source.kind) {
    case 'name':
      return source.name;
    case 'folder':
      return source.path;
    case 'npm':
      return `npm:${source.name}${after('@', source.version)}`;
    case 'tarball':
      return redact(source.location) + after('#sha256:', source.sha256);
    case 'git':
      return formatGit(source) + after('#', source.ref);
  }
}

function formatGit({ url, folder }: GitSource): string {
  const onGitHub = /^https:\/\/github\.com\/([^/]+\/[^/]+)\.git$/.exec(url)?.[1];
  if (onGitHub !== undefined) return `github:${onGitHub}${after('/', folder)}`;
  return (isScp(url) ? url : `git+${redact(url)}`) + after('//', folder);
}

function after(separator: string, text = ''): string {
  return text === '' ? '' : separator + text;
}

/** Without the user and password of a web address: messages, records and the cache's index hold what this returns. */
export function redact(text: string): string {
  return text
    .replace(/(https?:\/\/)[^/@#?]*@/gi, '$1')
    .replace(/(ssh:\/\/[^/@:#?]*):[^/@#?]*@/gi, '$1@');
}
