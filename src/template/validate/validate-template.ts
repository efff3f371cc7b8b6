import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseJsonSource } from '../json-source.js';
import type { Template } from '../template.js';
import { findFaultyExamples } from './faulty-examples.js';
import { findingAt, sortFindings, type Finding } from './finding.js';
import { findIdleOptions } from './idle-options.js';
import { findIdleRemovals } from './idle-removals.js';
import { findPlanFaults } from './plan-faults.js';
import { findUnreachableConditions } from './unreachable-conditions.js';
import { findUnreadableFiles } from './unreadable-files.js';
import { findUnusedFiles } from './unused-files.js';

/** What is wrong with a template that could be read; nothing of it is run but its rendered files, which are shut in. */
export async function validateTemplate(template: Template): Promise<readonly Finding[]> {
  const { folder, origin } = template;
  const unreadable = findUnreadableFiles(template);
  const found = unreadable.length > 0 ? unreadable : await findPlanFaults(template);
  if (folder === undefined) return sortFindings(found);
  const source = parseJsonSource(
    readFileSync(join(folder, 'template.json'), 'utf8'),
    `${origin}/template.json`,
  );
  const ofManifest = [
    ...findUnreachableConditions(template),
    ...findFaultyExamples(template),
    ...(unreadable.length > 0 ? [] : [...findIdleRemovals(template), ...findIdleOptions(template)]),
  ];
  return sortFindings([
    ...found,
    ...findUnusedFiles(folder, origin, template.manifest),
    ...ofManifest.map((fault) => findingAt(fault, source)),
  ]);
}
