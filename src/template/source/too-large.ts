import { TemplateError } from '../../errors.js';
import { formatLimit, LIMITS } from './limits.js';

export function archiveTooLarge(shown: string): TemplateError {
  return new TemplateError(
    `${shown}: the archive is larger than ${formatLimit(LIMITS.archiveBytes)}, more than a template may be.`,
  );
}

export function contentTooLarge(shown: string): TemplateError {
  return new TemplateError(
    `${shown}: unpacked it is larger than ${formatLimit(LIMITS.totalBytes)}, more than a template may be.`,
  );
}
