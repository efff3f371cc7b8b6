import { ConflictError } from '../errors.js';
import type { Answers } from '../options/option.js';
import type { ConflictPolicy } from '../options/table.js';
import { plan, type Plan } from '../plan/plan.js';
import { findConflicts } from '../project/find-conflicts.js';
import type { Target } from '../project/resolve-target.js';
import { writeProject } from '../project/write-project.js';
import { composeTemplate } from '../template/compose-template.js';
import { VERSION } from '../version.js';
import { finishProject, type Finish } from './finish-project.js';
import type { Asker } from './interview.js';
import type { Arguments } from './parse-arguments.js';
import { quote } from './quote.js';
import { reportCreated, reportDryRun } from './report.js';
import { resolveRequest, type Request } from './resolve-request.js';
import type { World } from './run.js';
import { canAsk } from './terminal.js';

/**
 * One way, no way back:
 *
 *   Arguments ─► Request ─► Plan ─► files to write ─► written ─► finished ─► report
 *   (typed)     (answered)  (pure)  (less what stays)  (moved)   (install, git)
 */
export async function create(typed: Arguments, world: World): Promise<void> {
  const { interrupt, environment, output } = world;
  const asks = !typed.yes && !typed.json && canAsk(environment);
  const prepared = asks ? await askAndPrepare(typed, world) : await prepare(typed, world);
  const { request, toWrite, skipped } = prepared;
  if (!asks && request.recommendation) output.note(request.recommendation.summary);
  if (typed.dryRun) {
    await reportDryRun({ ...request, plan: toWrite, skipped, output });
    return;
  }
  await writeProject(request.target.directory, toWrite.files, () => interrupt.checkpoint());
  const finish: Finish = await finishProject(request, toWrite, world);
  await reportCreated({ ...request, plan: toWrite, skipped, finish, output });
}

/** Everything that is settled before the first file is written. */
interface Prepared extends Settled {
  readonly request: Request;
}

async function prepare(typed: Arguments, world: World, asker?: Asker): Promise<Prepared> {
  const request = await resolveRequest(typed, { ...world, asker });
  return { request, ...settleConflicts(planRequest(request), request.target, typed.onConflict) };
}

/** Asks until the person is content with what would be written. */
async function askAndPrepare(typed: Arguments, world: World): Promise<Prepared> {
  const { conduct, openInterview } = await import('./interview.js');
  const { CHANGE, changeQuestion, summaryQuestion } = await import('./summary.js');
  return conduct(await openInterview(world.interrupt, VERSION), async (interview) => {
    for (;;) {
      const prepared = await prepare(typed, world, interview);
      const { request, toWrite } = prepared;
      if (typed.dryRun || !interview.hasLeftSomething) return prepared;
      const wish = await interview.put(summaryQuestion(request, toWrite));
      if (wish !== CHANGE) return prepared;
      const changed = await interview.putAside(changeQuestion(request, givenBy(typed)));
      interview.change(String(changed));
    }
  });
}

function givenBy({ operand, answers, set }: Arguments): Answers {
  return { ...answers, ...set, ...(operand === undefined ? {} : { directory: operand }) };
}

function planRequest({ target, template, answers }: Request): Plan {
  return plan({
    project: { name: target.name },
    template: template.manifest.name,
    answers,
    ...composeTemplate(template, answers),
  });
}

interface Settled {
  readonly toWrite: Plan;
  /** Planned files that stay as they are on disk. */
  readonly skipped: readonly string[];
}

/** Throws a ConflictError when the directory may not be written to. */
function settleConflicts(planned: Plan, target: Target, policy: ConflictPolicy): Settled {
  const paths = planned.files.map(({ path }) => path);
  const { noDirectory, files, obstacles, others } = findConflicts(target.directory, paths);
  if (noDirectory) {
    throw new ConflictError(
      `${quote(target.shown)} is a file, or lies below one. Nothing was touched. Choose another directory.`,
      [target.shown],
    );
  }
  if (obstacles.length > 0) {
    throw new ConflictError(
      `${target.shown}: in the way, and neither a plain file nor a folder of the right kind: ${listNames(obstacles)}. Nothing was touched.`,
      obstacles,
    );
  }
  if (policy === 'error' && files.length + others.length > 0) {
    throw new ConflictError(refusal(target, files, others), files.length > 0 ? files : others);
  }
  if (policy !== 'skip') return { toWrite: planned, skipped: [] };
  const existing = new Set(files);
  const toWrite = { ...planned, files: planned.files.filter(({ path }) => !existing.has(path)) };
  return { toWrite, skipped: files };
}

function refusal(target: Target, files: readonly string[], others: readonly string[]): string {
  const what =
    files.length > 0 ? `would overwrite ${listNames(files)}` : `holds ${listNames(others)}`;
  return `The directory ${quote(target.shown)} is not empty: ${files.length > 0 ? 'this' : 'it'} ${what}. Nothing was touched. Choose another directory, or add --on-conflict skip or --on-conflict overwrite.`;
}

const NAMED = 10;

function listNames(names: readonly string[]): string {
  const more = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
