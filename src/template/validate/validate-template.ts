import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { TemplateError } from '../../errors.js';
import type { Option, When } from '../../options/option.js';
import { plan, type OnFault } from '../../plan/plan.js';
import { conditionsOf } from '../check-conditions.js';
import { composeTemplate, type ActiveLayer } from '../compose-template.js';
import { parseJsonSource, type JsonPath, type JsonSource } from '../json-source.js';
import { lineageOf, questionsOf } from '../lineage.js';
import { formatPath } from '../parse-manifest.js';
import { isUnrendered, renderLayers } from '../render/render-layers.js';
import type { RenderData, Template } from '../template.js';
import { sortFindings, toFinding, type Finding } from './finding.js';
import { isReachable } from './reachable.js';
import { sampleAnswers } from './sample-answers.js';
import { findUnusedFiles } from './unused-files.js';

/** What is wrong with a template that could be read; nothing of it is run but its rendered files, which are shut in. */
export async function validateTemplate(template: Template): Promise<readonly Finding[]> {
  const { folder, origin, manifest } = template;
  const planned = await findPlanFaults(template);
  if (folder === undefined) return sortFindings(planned);
  const source = parseJsonSource(
    readFileSync(join(folder, 'template.json'), 'utf8'),
    `${origin}/template.json`,
  );
  return sortFindings([
    ...planned,
    ...findUnusedFiles(folder, origin, manifest),
    ...findConditionFaults(template, source),
    ...findIdleRemovals(template, source),
    ...findIdleOptions(template, source),
  ]);
}

/** What goes wrong while projects are planned, with every layer of its own on at least once. */
async function findPlanFaults(template: Template): Promise<Finding[]> {
  const options = questionsOf(template);
  const samples = await sampleAnswers(options, Object.values(template.manifest.examples ?? {}));
  const findings: Finding[] = [];
  for (const answers of samples) {
    const onFault = (fault: TemplateError): void => {
      findings.push(toFinding(fault));
    };
    const { layers, ...composition } = composeTemplate(template, answers);
    const data = { project: PROJECT, options: answers, facts: composition.facts };
    const rendered = await renderOrTell(layers, data, onFault);
    const named = { project: PROJECT, generator: '', template: nameOf(template), secrets: [] };
    plan({ ...named, ...composition, layers: rendered, answers }, onFault);
  }
  return findings;
}

const PROJECT = { name: 'my-ai' };

/** Without layers when the rendering itself is ended: then there is nothing to plan. */
async function renderOrTell(
  layers: readonly ActiveLayer[],
  data: RenderData,
  onFault: OnFault,
): Promise<readonly ActiveLayer[]> {
  try {
    return await renderLayers(layers, data, onFault);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    onFault(error);
    return [];
  }
}

function nameOf({ manifest }: Template): { name: string; digest: string } {
  return { name: manifest.name, digest: '' };
}

function findConditionFaults(template: Template, source: JsonSource): Finding[] {
  const options = new Map(questionsOf(template).map((option) => [option.name, option]));
  return [...conditionsOf(template.manifest)]
    .filter(({ when }) => !isReachable(withoutFramework(when), options))
    .map(({ path }) => finding(source, path, 'can never hold: no answers fit it.'));
}

/** The built-in template that this one is made on is an answer, too, though nobody is asked for it. */
function withoutFramework({ framework: _framework, ...when }: When): When {
  return when;
}

/** Removals that concern no file of anything that is extended. */
function findIdleRemovals(template: Template, source: JsonSource): Finding[] {
  const paths = lineageOf(template)
    .filter((each) => each !== template)
    .flatMap((each) => each.manifest.layers.flatMap(({ from }) => each.readLayer(from)))
    .map(({ path }) => path);
  return (template.manifest.remove ?? []).flatMap(({ path }, index) => {
    const isMeant = (other: string): boolean =>
      path.endsWith('/') ? other.startsWith(path) : other === path;
    if (paths.some(isMeant)) return [];
    return finding(
      source,
      ['remove', index, 'path'],
      `removes nothing: no extended template has ${path}.`,
    );
  });
}

/** Questions whose answer changes nothing. */
function findIdleOptions(template: Template, source: JsonSource): Finding[] {
  const { manifest } = template;
  const texts = manifest.layers
    .flatMap(({ from }) => template.readLayer(from))
    .flatMap((file) => (isUnrendered(file) ? file.content.ejs : []));
  const conditions = [...conditionsOf(manifest)].filter(({ path }) => path[0] !== 'examples');
  const isUsed = ({ name }: Pick<Option, 'name'>): boolean =>
    conditions.some(({ when }) => Object.hasOwn(when, name)) ||
    texts.some((text) => text.includes(name) && text.includes('options'));
  return Object.keys(manifest.options ?? {})
    .filter((name) => !isUsed({ name }))
    .map((name) =>
      finding(
        source,
        ['options', name],
        'changes nothing: no condition and no rendered file asks for it.',
      ),
    );
}

function finding(source: JsonSource, path: JsonPath, message: string): Finding {
  return {
    file: source.file,
    line: source.lineOf(path),
    message: `${formatPath(path)} ${message}`,
  };
}
