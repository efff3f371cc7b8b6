import { UsageError, UserError } from '../errors.js';
import { answerOptions, defaultAnswer, type Ask } from '../options/answer-options.js';
import { detectPackageManager } from '../options/detect-package-manager.js';
import { didYouMean } from '../options/nearest.js';
import { allowedValues, type Answers, type Option } from '../options/option.js';
import { pickRequirements, suggestedDefaults } from '../options/requirements.js';
import { OPTIONS } from '../options/table.js';
import { resolveTarget, type Target } from '../project/resolve-target.js';
import type { BuiltIns } from '../template/built-in.js';
import { lineageOf, questionsOf } from '../template/lineage.js';
import type { Template } from '../template/template.js';
import type { Recommendation } from '../recommend/recommend.js';
import { chooseFramework, refuseBoth } from './choose-framework.js';
import type { Asker } from './interview.js';
import type { Arguments } from './parse-arguments.js';

/** What is to be made, with every question answered. */
export interface Request {
  readonly target: Target;
  readonly template: Template;
  readonly answers: Answers;
  readonly git: boolean;
  readonly install: boolean;
  /** The folder of a template that is not built in. */
  readonly folder?: string;
  /** What led to the framework, unless it was named. */
  readonly recommendation?: Recommendation;
  /** Every option that was left open, in order; those that did not apply have no answer. */
  readonly options: readonly Option[];
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
  const { builtIns, environment, asker } = surroundings;
  const target = await chooseTarget(typed, surroundings);
  const { template, recommendation } = await chooseTemplate(typed, surroundings);
  const given = splitAnswers(typed.answers);
  const suggested = suggestedDefaults(recommendation?.requirements ?? {});
  const questions = withDefaults(questionsOf(template), {
    ...detectedDefaults(environment),
    ...suggested,
  });
  refuseUnknown(typed.set, given.project, template, questions);
  const answering = answerer(asker, recommendation !== undefined);
  const project = [...frameworkOf(template, builtIns), ...questions];
  const answers = await answerOptions(project, { ...given.project, ...typed.set }, answering);
  const { git, install } = await answerOptions(AFTER, given.after, answering);
  return {
    target,
    template,
    answers,
    git: git === true,
    install: install === true,
    options: [...project, ...AFTER],
    ...(typed.template === undefined ? {} : { folder: typed.template }),
    ...(recommendation === undefined ? {} : { recommendation }),
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
  const typed = await asker.ask({
    name: 'directory',
    type: 'string',
    label: 'Where should the project go?',
    help: 'Directory of the project',
    default: 'my-ai',
    findFault: (candidate) => findTargetFault(candidate, workingDirectory),
  });
  return resolveTarget(String(typed), workingDirectory);
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

interface TemplateChoice {
  readonly template: Template;
  readonly recommendation?: Recommendation;
}

async function chooseTemplate(
  { template: folder, answers }: Arguments,
  { builtIns, asker }: Surroundings,
): Promise<TemplateChoice> {
  if (folder !== undefined) {
    if (answers.framework !== undefined) {
      throw new UsageError(
        '--framework and --template exclude each other: a template brings its own framework.',
      );
    }
    refuseBoth(`--template ${folder}`, pickRequirements(answers));
    const { loadFolder } = await import('../template/load-folder.js');
    return { template: loadFolder(folder, builtIns) };
  }
  const { framework, ...advice } = await chooseFramework(answers, { builtIns, asker });
  const template = builtIns.find(framework);
  if (!template) throw new UsageError('This package holds no template.');
  return { template, ...advice };
}

/** Who was asked about requirements is asked about everything else, too. */
function answerer(asker: Asker | undefined, isGuided: boolean): Ask {
  if (!asker) return defaultAnswer;
  return isGuided ? (option) => asker.ask(option) : (option) => asker.settle(option);
}

/** The framework as an answer that templates can see: the built-in template that this one is, or is made on. */
function frameworkOf(template: Template, { catalog }: BuiltIns): Option[] {
  const names = lineageOf(template).map(({ origin }) => origin);
  const entry = catalog.findLast(({ name }) => names.includes(name));
  if (!entry) return [];
  const choices = [{ value: entry.name, label: entry.title }];
  return [{ name: 'framework', type: 'choice', label: 'Framework', help: '', choices }];
}

/** The defaults that the circumstances give, where the option allows them. */
function withDefaults(options: readonly Option[], defaults: Answers): Option[] {
  return options.map((option) => {
    const value = defaults[option.name];
    const isUsable = value !== undefined && allowedValues(option)?.includes(value);
    return isUsable ? { ...option, default: value } : option;
  });
}

function detectedDefaults(environment: NodeJS.ProcessEnv): Answers {
  const detected = detectPackageManager(environment.npm_config_user_agent);
  return detected === undefined ? {} : { 'package-manager': detected };
}

const AFTER: readonly Option[] = OPTIONS.filter((option) => option.scope === 'after');

interface GivenAnswers {
  readonly project: Answers;
  readonly after: Answers;
}

/** The framework and the requirements led to the template already. */
function splitAnswers(given: Answers): GivenAnswers {
  const after = AFTER.map(({ name }) => name);
  const settled = ['framework', ...Object.keys(pickRequirements(given))];
  const entries = Object.entries(given).filter(([name]) => !settled.includes(name));
  return {
    project: Object.fromEntries(entries.filter(([name]) => !after.includes(name))),
    after: Object.fromEntries(entries.filter(([name]) => after.includes(name))),
  };
}

/** An answer to a question that the template does not ask is a mistake, not something to ignore. */
function refuseUnknown(
  set: Answers,
  project: Answers,
  { manifest }: Template,
  questions: readonly Option[],
): void {
  const own = questions.filter((option) => option.own).map(({ name }) => name);
  const odd = Object.keys(set).find((name) => !own.includes(name));
  if (odd !== undefined) {
    const known = own.length === 0 ? 'It has none.' : `It has: ${own.join(', ')}.`;
    throw new UsageError(
      `The template ${manifest.name} has no option "${odd}" for --set. ${known}${didYouMean(odd, own)}`,
    );
  }
  const unsupported = Object.keys(project).find(
    (name) => !questions.some((option) => option.name === name),
  );
  if (unsupported !== undefined) {
    throw new UsageError(`The template ${manifest.name} leaves nothing to --${unsupported}.`);
  }
}
