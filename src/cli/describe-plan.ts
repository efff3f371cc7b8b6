import { createHash } from 'node:crypto';
import type { Plan, PlannedFile } from '../plan/plan.js';
import type { Target } from '../project/resolve-target.js';

export interface FileDescription {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly executable?: true;
}

/** A plan as `--json` prints it. */
export interface PlanDescription {
  readonly directory: string;
  readonly name: string;
  readonly template: string;
  readonly options: Plan['options'];
  readonly files: readonly FileDescription[];
  readonly commands: Plan['commands'];
}

export function describePlan(plan: Plan, target: Target): PlanDescription {
  return {
    directory: target.shown,
    name: plan.project.name,
    template: plan.template,
    options: plan.options,
    files: plan.files.map(describeFile),
    commands: plan.commands,
  };
}

function describeFile({ path, content, executable }: PlannedFile): FileDescription {
  return {
    path,
    bytes: Buffer.byteLength(content),
    sha256: createHash('sha256').update(content).digest('hex'),
    ...(executable ? { executable } : {}),
  };
}
