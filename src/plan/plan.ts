import { TemplateError } from '../errors.js';
import type { Answers } from '../options/option.js';
import type { ActiveLayer, ActiveRemoval } from '../template/compose-template.js';
import type { Facts } from '../template/manifest.js';
import { refuse, type OnFault } from '../template/on-fault.js';
import type { RenderData } from '../template/template.js';
import { checkPath, checkPathsTogether } from './check-path.js';
import { combineClaims, overrides, type Claim } from './combine-claims.js';
import { recordFile } from './record.js';
import { readService, type Service } from './service.js';
import { strictData } from './strict-data.js';

export interface PlannedFile {
  /** Relative to the project, with forward slashes. */
  readonly path: string;
  readonly content: string | Uint8Array;
  readonly executable: boolean;
}

/** A program and its arguments, as a shell never sees them. */
export type Command = readonly string[];

/** Everything that a run will do, as data. What is previewed, printed, tested and written is this. */
export interface Plan {
  readonly project: Readonly<{ name: string }>;
  readonly template: string;
  readonly options: Answers;
  /** Sorted by path. */
  readonly files: readonly PlannedFile[];
  /** What the template says can be run in the project, by purpose: `install`, `dev`, `test` … */
  readonly commands: Readonly<Record<string, Command>>;
  readonly service?: Service;
}

export interface PlanInput {
  readonly project: Readonly<{ name: string }>;
  /** The generator with its version. */
  readonly generator: string;
  readonly template: { readonly name: string; readonly digest: string };
  readonly answers: Answers;
  readonly layers: readonly ActiveLayer[];
  readonly removals: readonly ActiveRemoval[];
  readonly facts: Facts;
  /** Options whose answers are rendered, and told to nobody else. */
  readonly secrets: readonly string[];
}

/** Pure: the same input gives the same plan, and nothing is read or written. Throws a TemplateError, unless `onFault` does not. */
export function plan(input: PlanInput, onFault: OnFault = refuse): Plan {
  const { project, template, layers, removals, facts } = input;
  const data = strictData({ project, options: input.answers, facts });
  const claims = layers
    .flatMap((layer) => claimFiles(layer, data, onFault))
    .filter((claim) => !removals.some((removal) => removes(removal, claim)));
  const files = [...groupByPath(claims)].flatMap(([path, group]) =>
    attempt(onFault, () => ({
      path,
      content: combineClaims(path, group),
      executable: group.some(({ executable }) => executable),
    })),
  );
  const answers = without(input.answers, input.secrets);
  const service = readService(facts);
  const record = { generator: input.generator, name: project.name, template, answers };
  files.push(...attempt(onFault, () => recordFile(record, files)));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  attempt(onFault, () => {
    checkPathsTogether(
      files.map(({ path }) => path),
      (path) => claims.findLast((claim) => claim.path === path)?.origin,
    );
  });
  return {
    project,
    template: template.name,
    options: answers,
    files,
    commands: readCommands(facts),
    ...(service ? { service } : {}),
  };
}

/** In the order in which they count: what is rendered before what is copied. */
function claimFiles({ template, files }: ActiveLayer, data: RenderData, onFault: OnFault): Claim[] {
  const claims = files.flatMap(({ path, content, executable, origin }) =>
    attempt(onFault, () => {
      checkPath(path, origin);
      const rendered = typeof content === 'function';
      if (typeof content === 'object' && 'ejs' in content)
        throw new Error(`${origin}: not rendered`);
      const text = rendered ? content(data) : content;
      return { template, path, content: text, executable, origin, rendered };
    }),
  );
  return [
    ...claims.filter(({ rendered }) => rendered),
    ...claims.filter(({ rendered }) => !rendered),
  ];
}

/** What comes of it, or nothing once a fault has been told. */
function attempt<Result>(onFault: OnFault, act: () => Result): Result[] {
  try {
    return [act()];
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    onFault(error);
    return [];
  }
}

/** A template can do without files of those that it extends, and of no others. */
function removes({ template, path }: ActiveRemoval, claim: Claim): boolean {
  const isMeant = path.endsWith('/') ? claim.path.startsWith(path) : claim.path === path;
  return isMeant && overrides(template, claim.template);
}

function without(answers: Answers, names: readonly string[]): Answers {
  return Object.fromEntries(Object.entries(answers).filter(([name]) => !names.includes(name)));
}

function groupByPath(claims: readonly Claim[]): ReadonlyMap<string, Claim[]> {
  const groups = new Map<string, Claim[]>();
  for (const claim of claims) {
    const group = groups.get(claim.path);
    if (group) group.push(claim);
    else groups.set(claim.path, [claim]);
  }
  return groups;
}

/** What facts say can be run, by purpose. */
export function readCommands(facts: Facts): Plan['commands'] {
  const commands = facts.commands;
  if (typeof commands !== 'object' || commands === null) return {};
  return Object.fromEntries(Object.entries(commands).filter((entry) => isCommand(entry[1])));
}

function isCommand(value: unknown): value is Command {
  return (
    Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')
  );
}
