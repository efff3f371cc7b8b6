import type { FetchableSource } from './template-source.js';

/** Whether a source will always be the same: what it was fetched as once, it need not be fetched as again. */
export function isPinned(source: FetchableSource): boolean {
  switch (source.kind) {
    case 'git':
      return isFullCommit(source.ref ?? '');
    case 'npm':
      return isExactVersion(source.version ?? '');
    case 'tarball':
      return source.sha256 !== undefined;
    case 'folder':
      return false;
  }
}

export function isFullCommit(ref: string): boolean {
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(ref);
}

export function isExactVersion(version: string): boolean {
  return /^\d+\.\d+\.\d+([-+][\w.+-]+)?$/.test(version);
}
