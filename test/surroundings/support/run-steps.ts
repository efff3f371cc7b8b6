import { readText } from './generate.js';

/** The `run:` steps of the job that checks the sources, in order. */
export async function checkSteps(project: string): Promise<readonly string[]> {
  const workflow = await readText(project, '.github/workflows/ci.yml');
  const [, job = ''] = /^ {2}check:\n((?: {4}.*\n)+)/m.exec(workflow) ?? [];
  return [...job.matchAll(/^ {6}- run: (.*)$/gm)].map(([, command = '']) => command);
}
