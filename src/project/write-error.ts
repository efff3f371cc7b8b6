import { UserError, WriteError } from '../errors.js';

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission was denied',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'the path is too long',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'part of the path is a file',
  EPERM: 'permission was denied',
  EROFS: 'the file system is read-only',
};

/** A sentence instead of an errno; what is no failure of the disk stays what it is. */
export function toWriteError(error: unknown, directory: string): Error {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof UserError || code === undefined) return error as Error;
  const reason = REASONS[code] ?? (error as Error).message;
  return new WriteError(`Cannot write to ${directory}: ${reason} (${code}). Nothing was written.`);
}
