import { UsageError, UserError } from '../errors.js';
import { answerOptions, defaultAnswer, type Ask } from '../options/answer-options.js';
import { detectPackageManager } from '../options/detect-package-manager.js';
import { didYouMean } from '../options/nearest.js';
import { withImplied } from '../options/implied-answers.js';
import { allowedValues, type Answers, type Option } from '../options/option.js';
import { suggestedDefaults } from '../options/requirements.js';
import type { Source, Spelling } from '../options/source.js';
import { OPTIONS, type GeneratorOption, type Scope } from '../options/table.js';
import { resolveTarget, type Target } from '../project/resolve-target.js';
import type { BuiltIns } from '../template/built-in.js';
import { lineageOf, questionsOf } from '../template/lineage.js';
import type { OpenedTemplate } from '../template/open-template.js';
import type { Template } from '../template/template.js';
import type { Recommendation } from '../recommend/recommend.js';
import { chooseFramework, refuseRequirements, type Advisers } from './choose-framework.js';
import type { Asker } from './interview.js';
import type { Arguments } from './parse-arguments.js';
import { refuseConflicts } from './settle-conflicts.js';

/** What is to be made, with every question answered. */
export interface Request {
  readonly target: Target;
  readonly template: Template;
  readonly answers: Answers;
  readonly git: boolean;
  readonly install: boolean;
  readonly verify: boolean;
  /** How a template that is not built in is had again. */
  readonly source?: { readonly pinned: string; readonly digests: readonly string[] };
  /** What led to the framework, unless it was named. */
  readonly recommendation?: Recommendation;
  /** Every option that was left open, in order; those that did not apply have no answer. */
  readonly options: readonly Option[];
  /** What was settled before anybody was asked. */
  readonly given: Answers;
}

export interface Surroundings {
  readonly builtIns: BuiltIns;
  readonly workingDirectory: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Opens the template that was named. */
  readonly openTemplate: () => Promise<OpenedTemplate>;
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
  const { template, ...choice } = await chooseTemplate(typed, surroundings);
  const { framework: _chosen, ...given } = answersIn('project', typed.answers);
  const questions = withDefaults(questionsOf(template), {
    ...detectedDefaults(environment),
    ...suggestedDefaults(choice.recommendation?.requirements ?? {}),
  });
  refuseUnknown(typed, given, template, questions);
  const { spelling } = typed;
  const ask = answering(asker, choice.recommendation !== undefined);
  const project = [...frameworkOf(template, builtIns), ...questions];
  const answers = await answerOptions(project, { ...given, ...typed.set }, ask, spelling);
  const afterwards = withImplied(AFTER, answersIn('after', typed.answers), spelling);
  const after = await answerOptions(AFTER, afterwards, ask, spelling);
  return {
    target,
    template,
    answers,
    git: after.git === true,
    install: after.install === true,
    verify: after.verify === true,
    options: [...project, ...AFTER],
    given: { ...typed.answers, ...typed.set, ...afterwards },
    ...choice,
  };
}

async function chooseTarget(
  { operand: directory, onConflict }: Arguments,
  { asker, workingDirectory }: Surroundings,
): Promise<Target> {
  if (!asker) {
    if (directory !== undefined) return resolveTarget(directory, workingDirectory);
    throw new UsageError(
      'Name the directory for the project, for example: create-ai-backend my-ai. Nobody can be asked here: there is no terminal, or --yes, --json or CI is set.',
    );
  }
  /** Who is asked many things shall not learn at the end that the first answer will not do. */
  const resolveFree = (typed: string): Target => {
    const target = resolveTarget(typed, workingDirectory);
    refuseConflicts([], target, onConflict);
    return target;
  };
  return resolveFree(directory ?? (await askDirectory(asker, resolveFree)));
}

async function askDirectory(asker: Asker, resolve: (typed: string) => Target): Promise<string> {
  const typed = await asker.ask({
    name: 'directory',
    type: 'string',
    label: 'Where should the project go?',
    help: 'Directory of the project',
    default: 'my-ai',
    findFault: (candidate) => findTargetFault(candidate, resolve),
  });
  return String(typed);
}

function findTargetFault(typed: string, resolve: (typed: string) => Target): string | undefined {
  try {
    resolve(typed);
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

interface TemplateChoice {
  readonly template: Template;
  readonly source?: NonNullable<Request['source']>;
  readonly recommendation?: Recommendation;
}

async function chooseTemplate(
  { answers, spelling }: Arguments,
  surroundings: Surroundings,
): Promise<TemplateChoice> {
  if (answers.template === undefined) return chooseBuiltIn(answers, spelling, surroundings);
  if (answers.framework !== undefined) throw new UsageError(twoTemplates(spelling));
  refuseRequirements('template', answers, spelling);
  const opened = await surroundings.openTemplate();
  const { confirmTrust } = await import('./template/trust.js');
  await confirmTrust(opened, answers, surroundings.asker);
  const { template, pinned, foreign } = opened;
  return { template, source: { pinned, digests: foreign.map((each) => each.template.digest()) } };
}

async function chooseBuiltIn(
  given: Answers,
  spelling: Spelling,
  advisers: Advisers,
): Promise<TemplateChoice> {
  const { framework, ...advice } = await chooseFramework(given, spelling, advisers);
  const template = advisers.builtIns.find(framework);
  if (!template) throw new UsageError('This package holds no template.');
  return { template, ...advice };
}

function twoTemplates(spelling: Spelling): string {
  const [framework, template] = ['framework', 'template'].map((name) => spelling({ name }));
  return `${framework} and ${template} exclude each other: a template brings its own framework. Leave out one of them.`;
}

/** Who was asked about requirements is asked about everything else, too. */
function answering(asker: Asker | undefined, isGuided: boolean): Ask {
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

const AFTER: readonly (Option & GeneratorOption)[] = OPTIONS.filter(
  (option) => option.scope === 'after',
);

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
