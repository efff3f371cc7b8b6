import { TemplateError } from '../../errors.js';
import { plan } from '../../plan/plan.js';
import { composeTemplate, type ActiveLayer } from '../compose-template.js';
import { questionsOf } from '../lineage.js';
import type { OnFault } from '../on-fault.js';
import { renderLayers } from '../render/render-layers.js';
import type { RenderData, Template } from '../template.js';
import { toFinding, type Finding } from './finding.js';
import { sampleAnswers } from './sample-answers.js';

const PROJECT = { name: 'my-ai' };

/** What goes wrong while projects are planned, with every layer on at least once. */
export async function findPlanFaults(template: Template): Promise<readonly Finding[]> {
  const { name, examples = {}, selectable = true } = template.manifest;
  const samples = await sampleAnswers(questionsOf(template), Object.values(examples));
  const findings = new Map<string, Finding>();
  const onFault = (fault: TemplateError): void => {
    if (!selectable && concernsFacts(fault)) return;
    const finding = toFinding(fault);
    const key = placeOf(fault);
    if (!findings.has(key)) findings.set(key, finding);
  };
  for (const answers of samples) {
    const { layers, ...composition } = composeTemplate(template, answers);
    const data = { project: PROJECT, options: answers, facts: composition.facts };
    const rendered = await renderOrTell(layers, data, onFault);
    const named = { project: PROJECT, generator: '', template: { name, digest: '' }, secrets: [] };
    plan({ ...named, ...composition, layers: rendered, answers }, onFault);
  }
  return [...findings.values()];
}

/** One mistake may sound different with different answers: a place that is a line has one. */
function placeOf({ message }: TemplateError): string {
  return /^.+?:\d+(?=: )/.exec(message)?.[0] ?? message;
}

/** What a template that exists to be extended leaves to those that extend it. */
function concernsFacts({ message }: TemplateError): boolean {
  return /: facts\.\S+ does not exist\./.test(message);
}

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
