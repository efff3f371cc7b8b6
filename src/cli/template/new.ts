import { UsageError } from '../../errors.js';
import { answerOptions, defaultAnswer } from '../../options/answer-options.js';
import { offeredOptions } from '../../options/offered-options.js';
import type { Answers } from '../../options/option.js';
import { plan, type Plan } from '../../plan/plan.js';
import { RECORD_PATH } from '../../plan/record.js';
import { resolveTarget, type Target } from '../../project/resolve-target.js';
import { writeProject } from '../../project/write-project.js';
import { composeTemplate } from '../../template/compose-template.js';
import { VERSION } from '../../version.js';
import templateSchema from '../../template/template.schema.json' with { type: 'json' };
import type { Arguments } from '../parse-arguments.js';
import { printTree } from '../print-tree.js';
import { quote } from '../quote.js';
import type { World } from '../run.js';
import { settleConflicts } from '../settle-conflicts.js';

const STARTER = 'template-starter';

/** Writes a small template to start from: it is made of a built-in template, as projects are. */
export async function newTemplate(typed: Arguments, world: World): Promise<void> {
  const { interrupt, output, workingDirectory } = world;
  if (typed.operand === undefined) {
    throw new UsageError(
      'Name the folder for the template, for example: create-ai-backend template new house-style',
    );
  }
  const target = resolveTarget(typed.operand, workingDirectory);
  checkName(target);
  const planned = planStarter(target, await starterAnswers(typed, world), world);
  const { toWrite } = settleConflicts(planned, target, typed.onConflict);
  const paths = toWrite.files.map(({ path }) => path);
  if (!typed.dryRun) {
    await writeProject(target.directory, toWrite.files, () => interrupt.checkpoint());
  }
  output.print(printTree(target.shown, paths));
  output.print(typed.dryRun ? '\nNothing has been written.' : nextSteps(target));
  output.data({ directory: target.shown, files: paths, written: !typed.dryRun });
}

/** A project may have a name that a template cannot have. Throws a UsageError. */
function checkName({ name, shown }: Target): void {
  const { pattern } = templateSchema.properties.name;
  if (new RegExp(pattern, 'u').test(name)) return;
  const valid = name.replaceAll(/[^a-z0-9-]/g, '-').replace(/^[^a-z]+/, '') || 'house-style';
  const where = shown === '.' ? ' Go to a folder' : ' Use a folder';
  throw new UsageError(
    `"${name}" cannot be a template's name: it must be lower-case letters, digits and "-", and begin with a letter.${where} such as ${valid}.`,
  );
}

/** @returns the name of what it is made on */
async function starterAnswers({ answers, spelling }: Arguments, world: World): Promise<string> {
  const [made] = offeredOptions(world.builtIns.catalog).filter(({ name }) => name === 'extends');
  if (!made) throw new UsageError('This package holds no template.');
  const question = { ...made, type: 'choice' as const };
  return String((await answerOptions([question], answers, defaultAnswer, spelling)).extends);
}

function planStarter(target: Target, on: string, { builtIns }: World): Plan {
  const template = builtIns.find(STARTER);
  if (!template) throw new UsageError('This package holds no template.');
  const answers: Answers = {
    on,
    kind: on === 'nothing' ? 'service' : 'framework',
    'made-with': VERSION,
  };
  const planned = plan({
    project: { name: target.name },
    generator: `create-ai-backend@${VERSION}`,
    template: { name: template.manifest.name, digest: template.digest() },
    answers,
    secrets: [],
    ...composeTemplate(template, answers),
  });
  // What is written here is a template: no project whose template could be told.
  return { ...planned, files: planned.files.filter(({ path }) => path !== RECORD_PATH) };
}

function nextSteps({ shown }: Target): string {
  const folder = quote(shown.startsWith('.') ? shown : `./${shown}`);
  return `
Next:
  npx create-ai-backend template validate ${folder}
  npx create-ai-backend my-ai --template ${folder}
  npx create-ai-backend template test ${folder}`;
}
