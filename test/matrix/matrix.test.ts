import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/plan.js';
import { TEMPLATES } from '../support/frameworks.js';
import { findBrokenImports, findUnusedPackages, textsOf } from './imports.js';
import {
  describeCombination,
  everyCombination,
  judge,
  LOADED_BY_OTHERS,
  SHARED_BY_FRAMEWORKS,
  VALUES,
  type Combination,
} from './oracle.js';
import { planCombination, usedOrigins } from './plan-combination.js';

const combinations = everyCombination();
const valid = combinations.filter((combination) => judge(combination) === undefined);
const invalid = combinations.filter((combination) => judge(combination) !== undefined);
const plans = new Map<Combination, Plan>();

/** What is wrong, each with the first combination that shows it. */
function faults(find: (plan: Plan) => readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const [combination, plan] of plans) {
    for (const fault of find(plan))
      if (!found.has(fault)) found.set(fault, describeCombination(combination));
  }
  return [...found].map(([fault, combination]) => `${fault} (${combination})`);
}

beforeAll(async () => {
  for (const combination of valid) plans.set(combination, await planCombination(combination));
}, 120_000);

describe(`${combinations.length} combinations of all options`, { timeout: 60_000 }, () => {
  it('are refused by the rule that they break', async () => {
    expect(invalid.length).toBeGreaterThan(100);
    for (const combination of invalid) {
      await expect(planCombination(combination), describeCombination(combination)).rejects.toThrow(
        judge(combination),
      );
    }
  });

  it('leave no mark of a template behind', () => {
    const isMarked = ([path, text]: readonly [string, string]) =>
      /<%|%>|\[object Object\]/.test(text) || (isProse(path) && /\bundefined\b/.test(text));
    expect(faults((plan) => [...textsOf(plan)].filter(isMarked).map(([path]) => path))).toEqual([]);
  });

  it('import nothing that is not there', () => {
    expect(faults((plan) => findBrokenImports(textsOf(plan)))).toEqual([]);
  });

  it('declare no package that nobody uses', () => {
    const isUnused = (name: string) => !(name in LOADED_BY_OTHERS);
    expect(faults((plan) => findUnusedPackages(textsOf(plan)).filter(isUnused))).toEqual([]);
  });

  it('claim every file that lies in a template', () => {
    const used = usedOrigins();
    const isManifest = (path: string) =>
      /^([^/]+\/)?(template|tsconfig(\.framework)?)\.json$/.test(path);
    // What `template new` writes is in no project, and the guide is for people.
    const isOfNoProject = (path: string) => /^(template-starter\/|README\.md$)/.test(path);
    const lost = readdirSync(TEMPLATES, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(TEMPLATES, join(entry.parentPath, entry.name)))
      .filter((path) => !isManifest(path) && !isOfNoProject(path) && !used.has(path));
    expect(lost).toEqual([]);
  });

  it('differ between frameworks only in what is the framework’s own', () => {
    const firsts = new Map<string, ReadonlyMap<string, string>>();
    for (const [{ framework, adapter, ...surroundings }, plan] of plans) {
      const shared = sharedFiles(plan);
      const key = describeCombination(surroundings);
      expect(shared, `${framework ?? ''} ${key}`).toEqual(firsts.get(key) ?? shared);
      firsts.set(key, shared);
    }
    const frameworks = new Set(valid.map(({ framework }) => framework));
    expect([...frameworks]).toEqual(VALUES['framework']);
  });
});

/** Programs may speak of `undefined`; in what is rendered it is a fact that is missing. */
function isProse(path: string): boolean {
  return !/\.[cm]?[jt]s$/.test(path);
}

function sharedFiles(plan: Plan): ReadonlyMap<string, string> {
  const shared = [...textsOf(plan)].filter(([path]) =>
    SHARED_BY_FRAMEWORKS.some((pattern) => pattern.test(path)),
  );
  expect(shared.length).toBeGreaterThan(50);
  return new Map(shared);
}
