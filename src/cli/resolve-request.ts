import { UsageError, UserError } from '../errors.js';
import { answerOptions, defaultAnswer, type Ask } from '../options/answer-options.js';
import { detectPackageManager } from '../options/detect-package-manager.js';
import { didYouMean } from '../options/nearest.js';
import { offeredOptions } from '../options/offered-options.js';
import { withImplied } from '../options/implied-answers.js';
import { allowedValues, type Answers, type Option } from '../options/option.js';
import type { Source, Spelling } from '../options/source.js';
import { OPTIONS, type GeneratorOption, type Scope } from '../options/table.js';
import { resolveTarget, type Target } from '../project/resolve-target.js';
import type { BuiltIns } from '../template/built-in.js';
import { lineageOf, questionsOf } from '../template/lineage.js';
import type { Template } from '../template/template.js';
import type { Asker } from './ask.js';
import type { Arguments } from './parse-arguments.js';

/** What is to be made, with every question answered. */
export interface Request {
  readonly target: Target;
  readonly template: Template;
  readonly answers: Answers;
  readonly git: boolean;
  readonly install: boolean;
  readonly verify: boolean;
}

export interface Surroundings {
  readonly builtIns: BuiltIns;
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Absent when nobody can be asked. */
  readonly asker: Asker | undefined;
}

/** Throws a UsageError for what was typed, a TemplateError for the template it names, Cancelled when the person leaves. */
export async function resolveRequest(
  typed: Arguments,
  surroundings: Surroundings,
): Promise<Request> {
  const target = await chooseTarget(typed, surroundings);
  const template = await chooseTemplate(typed, surroundings);
  const questions = withDetected(questionsOf(template), surroundings.environment);
  const { framework: _chosen, ...project } = answersIn('project', typed.answers);
  refuseUnknown(typed, project, template, questions);
  const options = [...frameworkOf(template, surroundings.builtIns), ...questions];
  const ask = answering(surroundings.asker);
  const { spelling } = typed;
  const answers = await answerOptions(options, { ...project, ...typed.set }, ask, spelling);
  const after = await answerOptions(
    afterOptions(),
    withImplied(afterOptions(), answersIn('after', typed.answers), spelling),
    ask,
    spelling,
  );
  return {
    target,
    template,
    answers,
    git: after.git === true,
    install: after.install === true,
    verify: after.verify === true,
  };
}

async function chooseTarget(
  { operand: directory }: Arguments,
  { asker, workingDirectory }: Surroundings,
): Promise<Target> {
  if (directory !== undefined) return resolveTarget(directory, workingDirectory);
  if (!asker) {
    throw new UsageError(
      'Name the directory for the project, for example: create-ai-backend my-ai. Nobody can be asked here: there is no terminal, or --yes, --json or CI is set.',
    );
  }
  const typed = await asker.directory((candidate) => findTargetFault(candidate, workingDirectory));
  return resolveTarget(typed, workingDirectory);
}

function findTargetFault(typed: string, workingDirectory: string): string | undefined {
  try {
    resolveTarget(typed, workingDirectory);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

async function chooseTemplate(
  { answers, spelling }: Arguments,
  { builtIns, asker }: Surroundings,
): Promise<Template> {
  const { template: folder } = answers;
  if (folder !== undefined) {
    if (answers.framework !== undefined) throw new UsageError(twoTemplates(spelling));
    const { loadFolder } = await import('../template/load-folder.js');
    return loadFolder(String(folder), builtIns);
  }
  const options: readonly Option[] = offeredOptions(builtIns.catalog)
    .filter(({ name }) => name === 'framework')
    .map((option) => ({ ...option, type: 'choice' }));
  const { framework } = await answerOptions(options, answers, answering(asker), spelling);
  const template = builtIns.find(String(framework));
  if (!template) throw new UsageError('This package holds no template.');
  return template;
}

function twoTemplates(spelling: Spelling): string {
  const [framework, template] = ['framework', 'template'].map((name) => spelling({ name }));
  return `${framework} and ${template} exclude each other: a template brings its own framework. Leave out one of them.`;
}

function answering(asker: Asker | undefined): Ask {
  return asker ? (option) => asker.option(option) : defaultAnswer;
}

/** The framework as an answer that templates can see: the built-in template that this one is, or is made on. */
function frameworkOf(template: Template, { catalog }: BuiltIns): Option[] {
  const names = lineageOf(template).map(({ origin }) => origin);
  const entry = catalog.findLast(({ name }) => names.includes(name));
  if (!entry) return [];
  const choices = [{ value: entry.name, label: entry.title }];
  return [{ name: 'framework', type: 'choice', label: 'Framework', help: '', choices }];
}

function withDetected(options: readonly Option[], environment: NodeJS.ProcessEnv): Option[] {
  const detected = detectPackageManager(environment.npm_config_user_agent);
  return options.map((option) => {
    const usable = detected !== undefined && allowedValues(option)?.includes(detected);
    return option.name === 'package-manager' && usable ? { ...option, default: detected } : option;
  });
}

function afterOptions(): (Option & GeneratorOption)[] {
  return OPTIONS.filter((option) => option.scope === 'after');
}

function answersIn(scope: Scope, answers: Answers): Answers {
  const all: readonly GeneratorOption[] = OPTIONS;
  const names = all.filter((option) => option.scope === scope).map(({ name }) => name);
  return Object.fromEntries(Object.entries(answers).filter(([name]) => names.includes(name)));
}

/** An answer to a question that the template does not ask is a mistake, not something to ignore. */
function refuseUnknown(
  { set, spelling }: Source,
  project: Answers,
  { manifest }: Template,
  questions: readonly Option[],
): void {
  const own = questions.filter((option) => option.own).map(({ name }) => name);
  const odd = Object.keys(set).find((name) => !own.includes(name));
  if (odd !== undefined) {
    const known = own.length === 0 ? 'It has none.' : `It has: ${own.join(', ')}.`;
    throw new UsageError(
      `The template ${manifest.name} has no option "${odd}" for ${spelling({ name: odd, own: true })}. ${known}${didYouMean(odd, own)}`,
    );
  }
  const unsupported = Object.keys(project).find(
    (name) => !questions.some((option) => option.name === name),
  );
  if (unsupported !== undefined) {
    throw new UsageError(
      `The template ${manifest.name} leaves nothing to ${spelling({ name: unsupported })}.`,
    );
  }
}
