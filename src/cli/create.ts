import { plan, type Plan } from '../plan/plan.js';
import { writeProject } from '../project/write-project.js';
import { composeTemplate } from '../template/compose-template.js';
import { renderLayers } from '../template/render/render-layers.js';
import { VERSION } from '../version.js';
import { finishProject, type Finish } from './finish-project.js';
import type { Asker } from './interview.js';
import type { Arguments } from './parse-arguments.js';
import { reportCreated, reportDryRun } from './report.js';
import { resolveRequest, type Request, type Surroundings } from './resolve-request.js';
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
  const openTemplate = opener(typed, world);
  const prepared = asks
    ? await askAndPrepare(typed, world, openTemplate)
    : await prepare(typed, world, openTemplate);
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
export interface Prepared extends Settled {
  readonly request: Request;
}

/** Asks, or takes what was given, and plans; writes nothing. */
export async function prepare(
  typed: Arguments,
  world: World,
  openTemplate: OpenTemplate,
  asker?: Asker,
): Promise<Prepared> {
  const request = await resolveRequest(typed, { ...world, openTemplate, asker });
  return {
    request,
    ...settleConflicts(
      await Promise.race([planRequest(request), world.interrupt.signalled]),
      request.target,
      typed.onConflict,
    ),
  };
}

/** Asks until the person is content with what would be written. */
async function askAndPrepare(
  typed: Arguments,
  world: World,
  openTemplate: OpenTemplate,
): Promise<Prepared> {
  const { conduct, openInterview } = await import('./interview.js');
  const { CHANGE, changeQuestion, summaryQuestion } = await import('./summary.js');
  return conduct(await openInterview(world), async (interview) => {
    for (;;) {
      const prepared = await prepare(typed, world, openTemplate, interview);
      const { request, toWrite } = prepared;
      if (typed.dryRun || !interview.hasLeftSomething) return prepared;
      const wish = await interview.put(summaryQuestion(request, toWrite));
      if (wish !== CHANGE) return prepared;
      const changed = await interview.putAside(changeQuestion(request, typed.operand));
      interview.change(String(changed));
    }
  });
}

export type OpenTemplate = Surroundings['openTemplate'];

/** Once a run: who goes back to a question does not fetch the template again. */
function opener({ answers }: Arguments, world: World): OpenTemplate {
  let opened: ReturnType<OpenTemplate> | undefined;
  const open: OpenTemplate = async () => {
    const { openSource } = await import('./template/open-source.js');
    return openSource(String(answers.template), answers, world);
  };
  return () => (opened ??= open());
}

async function planRequest({ target, template, answers, options }: Request): Promise<Plan> {
  const project = { name: target.name };
  const { layers, ...composition } = composeTemplate(template, answers);
  const data = { project, options: answers, facts: composition.facts };
  return plan({
    project,
    generator: `create-ai-backend@${VERSION}`,
    template: { name: template.manifest.name, digest: template.digest() },
    answers,
    secrets: options.filter(({ secret }) => secret).map(({ name }) => name),
    layers: await renderLayers(layers, data),
    ...composition,
  });
}
