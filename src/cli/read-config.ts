import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { UsageError } from '../errors.js';
import { answersSchema } from '../options/answers-schema.js';
import type { Answers } from '../options/option.js';
import type { Source } from '../options/source.js';
import type { GeneratorOption } from '../options/table.js';
import { findSchemaFault } from '../template/check-schema.js';
import { parseJsonSource } from '../template/json-source.js';
import { formatPath } from '../template/parse-manifest.js';

/** The answers in a JSON file, checked against the schema. Throws a UsageError that names file, line and key. */
export function readConfig(
  file: string,
  workingDirectory: string,
  options: readonly GeneratorOption[],
): Source {
  const source = parseJsonSource(readText(file, workingDirectory), file, UsageError);
  const fault = findSchemaFault(answersSchema(options), source.value);
  if (fault) {
    const key = formatPath(fault.path, 'the file');
    const form = options.find(({ name }) => name === fault.path[0])?.form;
    const expected = form === undefined ? '' : `: it must be ${form}`;
    throw new UsageError(
      `${file}:${source.lineOf(fault.path)}: ${key} ${fault.message}${expected}`,
    );
  }
  const {
    $schema: _schema,
    set = {},
    ...answers
  } = source.value as Readonly<Record<string, unknown>>;
  return {
    answers: answers as Answers,
    set: set as Answers,
    spelling: ({ name, own }) => `"${own ? `set.${name}` : name}" in ${file}`,
  };
}

function readText(file: string, workingDirectory: string): string {
  try {
    const text = readFileSync(resolve(workingDirectory, file), 'utf8');
    return text.replace(/^\uFEFF/, ''); // some editors on Windows begin a file with it
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'ENOENT' ? 'there is no such file' : message;
    throw new UsageError(
      `--config ${file}: ${reason}. Give a JSON file; create-ai-backend schema prints what it may hold.`,
    );
  }
}
