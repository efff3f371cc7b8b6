import { EXIT, TemplateError, UserError } from '../../errors.js';
import { toFinding, type Finding } from '../../template/validate/finding.js';
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

/** A template that cannot even be read has one finding: nothing more can be said of it. */
async function findAll(typed: Arguments, world: World): Promise<readonly Finding[]> {
  try {
    const opened = await openOperand(typed, world);
    await confirmTrust(opened, typed.answers, undefined);
    return await validateTemplate(opened.template);
  } catch (error) {
    if (error instanceof TemplateError && isPlaced(error)) return [toFinding(error)];
    throw error;
  }
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
