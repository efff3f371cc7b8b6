import { TemplateError } from '../errors.js';
import type { Answers } from '../options/option.js';
import type { PlannedFile } from './plan.js';
import { printJson } from './print-json.js';

/** How a project was made, kept in it. With the same generator and template, the same bytes can be made of it again. */
export interface ProjectRecord {
  /** With its version, as npx takes it. */
  readonly generator: string;
  readonly name: string;
  readonly template: { readonly name: string; readonly digest: string };
  readonly answers: Answers;
}

export const RECORD_PATH = '.create-ai-backend.json';

/** @throws {TemplateError} when the template has a file in that place */
export function recordFile(record: ProjectRecord, planned: readonly PlannedFile[]): PlannedFile {
  if (planned.some(({ path }) => path === RECORD_PATH)) {
    throw new TemplateError(
      `${record.template.name}: "${RECORD_PATH}" is written by create-ai-backend itself.`,
    );
  }
  return { path: RECORD_PATH, content: printJson(record, 'fitted'), executable: false };
}
