import { EXIT, TemplateError, UserError } from '../../errors.js';
import type { OpenedTemplate } from '../../template/open-template.js';
import { sortFindings, toFinding, type Finding } from '../../template/validate/finding.js';
import { validateTemplate } from '../../template/validate/validate-template.js';
import type { Arguments } from '../parse-arguments.js';
import type { World } from '../run.js';
import { openOperand } from './open-source.js';
import { confirmTrust } from './trust.js';

/** Says what is wrong with a template, each with its place. Throws a UserError that holds them when there is something. */
export async function validate(typed: Arguments, world: World): Promise<void> {
  const { output } = world;
  const findings = await findAll(typed, world);
  if (findings.length > 0) throw new InvalidTemplate(findings);
  output.print(`${output.colours.green('Valid:')} ${typed.operand ?? ''}`);
  output.data({ valid: true, findings });
}

/** Of a template that cannot even be read, nothing more can be said than why. */
async function findAll(typed: Arguments, world: World): Promise<readonly Finding[]> {
  const told: Finding[] = [];
  let opened: OpenedTemplate;
  try {
    opened = await openOperand(typed, world, (fault) => told.push(toFinding(fault)));
  } catch (error) {
    if (!(error instanceof TemplateError) || !isPlaced(error)) throw error;
    return sortFindings([...told, toFinding(error)]);
  }
  await confirmTrust(opened, typed.answers, undefined);
  return sortFindings([...told, ...(await validateTemplate(opened.template))]);
}

function isPlaced({ message }: TemplateError): boolean {
  return /template\.json:\d+: /.test(message);
}

class InvalidTemplate extends UserError {
  constructor(findings: readonly Finding[]) {
    const lines = findings.map(({ file, line, message }) => `  ${file}:${line}: ${message}`);
    const count = `${findings.length} ${findings.length === 1 ? 'mistake' : 'mistakes'}`;
    super(`${count} in this template:\n${lines.join('\n')}`, EXIT.template, {
      valid: false,
      findings,
    });
  }
}
