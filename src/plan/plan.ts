import type { Answers } from '../options/option.js';
import type { ActiveLayer } from '../template/compose-template.js';
import type { Facts } from '../template/manifest.js';
import type { RenderData } from '../template/template.js';
import { checkPath, checkPathsTogether } from './check-path.js';
import { combineClaims, type Claim } from './combine-claims.js';
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
  readonly facts: Facts;
}

/** Pure: the same input gives the same plan, and nothing is read or written. Throws a TemplateError. */
export function plan(input: PlanInput): Plan {
  const { project, template, answers, layers, facts } = input;
  const data = strictData({ project, options: answers, facts });
  const claims = layers.flatMap((layer) => claimFiles(layer, data));
  const files = [...groupByPath(claims)].map(([path, group]) => ({
    path,
    content: combineClaims(path, group),
    executable: group.some(({ executable }) => executable),
  }));
  const service = readService(facts);
  const record = { generator: input.generator, name: project.name, template, answers };
  files.push(recordFile(record, files));
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  checkPathsTogether(files.map(({ path }) => path));
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
function claimFiles({ template, files }: ActiveLayer, data: RenderData): Claim[] {
  const claims = files.map(({ path, content, executable, origin }) => {
    checkPath(path, origin);
    const rendered = typeof content === 'function';
    const text = rendered ? content(data) : content;
    return { template, path, content: text, executable, origin, rendered };
  });
  return [
    ...claims.filter(({ rendered }) => rendered),
    ...claims.filter(({ rendered }) => !rendered),
  ];
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

function readCommands(facts: Facts): Plan['commands'] {
  const commands = facts.commands;
  if (typeof commands !== 'object' || commands === null) return {};
  return Object.fromEntries(Object.entries(commands).filter((entry) => isCommand(entry[1])));
}

function isCommand(value: unknown): value is Command {
  return (
    Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === 'string')
  );
}
