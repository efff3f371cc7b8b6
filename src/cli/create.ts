import { plan, type Plan } from '../plan/plan.js';
import { writeProject } from '../project/write-project.js';
import { composeTemplate } from '../template/compose-template.js';
import { VERSION } from '../version.js';
import { finishProject, type Finish } from './finish-project.js';
import type { Asker } from './interview.js';
import type { Arguments } from './parse-arguments.js';
import { reportCreated, reportDryRun } from './report.js';
import { resolveRequest, type Request } from './resolve-request.js';
import type { World } from './run.js';
import { settleConflicts, type Settled } from './settle-conflicts.js';
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
      const changed = await interview.putAside(changeQuestion(request, typed.operand));
      interview.change(String(changed));
    }
  });
}

function planRequest({ target, template, answers }: Request): Plan {
  return plan({
    project: { name: target.name },
    generator: `create-ai-backend@${VERSION}`,
    template: { name: template.manifest.name, digest: template.digest() },
    answers,
    ...composeTemplate(template, answers),
  });
}
