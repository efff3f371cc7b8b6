import { lineageOf } from '../../template/lineage.js';
import type { Template } from '../../template/template.js';
import { RUN_PURPOSES } from '../../project/steps.js';
import { readCommands, type Command } from '../../plan/plan.js';

/**
 * Every command that a template could have run here, whatever the answers are; each once. Those of built-in templates that
 * it is made on are not its own.
 */
export function templateCommands(template: Template): readonly Command[] {
  const facts = lineageOf(template)
    .filter(({ isBuiltIn }) => !isBuiltIn || template.isBuiltIn)
    .flatMap(({ manifest }) => manifest.facts ?? []);
  const commands = facts.flatMap(({ set }) =>
    Object.entries(readCommands(set)).flatMap(([purpose, command]) =>
      RUN_PURPOSES.includes(purpose) ? [command] : [],
    ),
  );
  return [...new Map(commands.map((command) => [JSON.stringify(command), command])).values()];
}
