const KB = 1024;
const MB = 1024 * KB;

/**
 * How large a template may be, as it is fetched and with all that it extends: far more than any needs, far less than would
 * hurt a machine.
 */
export const LIMITS = {
  files: 10_000,
  pathLength: 1_000,
  fileBytes: 10 * MB,
  /** A file that is rendered: compiling it has no limit of time. */
  ejsBytes: MB,
  /** All files together. */
  totalBytes: 100 * MB,
  /** As it is fetched: compressed. */
  archiveBytes: 50 * MB,
  /** As it comes out of gzip: all files, and what tar adds to each. */
  tarBytes: 100 * MB + 10_000 * 2 * KB,
  /** How many of the templates that one extends may be fetched: each takes the disk and the time of one. */
  fetchedTemplates: 20,
  manifestBytes: MB,
  registryBytes: MB,
} as const;

/** How long fetching may take, all steps together. */
export const FETCH_WITHIN_SECONDS = 60;

/** `10 MB` */
export function formatLimit(bytes: number): string {
  return `${Math.floor(bytes / MB)} MB`;
}
