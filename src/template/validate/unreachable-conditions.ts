import { allowedValues, type Answer, type Option, type When } from '../../options/option.js';
import { narrowableOptions } from '../../options/offered-options.js';
import { conditionsOf, findConditionFaults } from '../check-conditions.js';
import type { Fault } from '../check-schema.js';
import type { JsonPath } from '../json-source.js';
import { questionsOf } from '../lineage.js';
import type { Template } from '../template.js';

/** Conditions that no answers fit. What names an option or a value that does not exist is told elsewhere. */
export function findUnreachableConditions(template: Template): Fault[] {
  const options = openOptions(template);
  const told = findConditionFaults(template).map(({ path }) => path);
  const found = [...conditionsOf(template.manifest)]
    .filter(({ path }) => path[0] !== 'examples' && !told.some((other) => startsWith(other, path)))
    .flatMap(({ path, when }) => {
      const before = path[0] === 'options' ? String(path[1]) : undefined;
      const reason = findContradiction(withoutFramework(when), options, before);
      return reason === undefined ? [] : { path, message: `can never hold: ${reason}.` };
    });
  const isOfOption = ({ path }: Fault): boolean => path[0] === 'options';
  const ofOptions = found.filter(isOfOption);
  // A layer that waits for such an option has nothing wrong of its own.
  return found.filter(
    (fault) => isOfOption(fault) || !ofOptions.some(({ message }) => message === fault.message),
  );
}

/** What is asked, in order; what others extend may be asked whatever the generator asks. */
function openOptions(template: Template): readonly Option[] {
  const asked = questionsOf(template);
  if (template.manifest.selectable ?? true) return asked;
  const names = asked.map(({ name }) => name);
  const others = narrowableOptions() as readonly Option[];
  return [...others.filter(({ name }) => !names.includes(name)), ...asked];
}

/** The built-in template that this one is made on is an answer, too, though nobody is asked for it. */
function withoutFramework({ framework: _framework, ...when }: When): When {
  return when;
}

/**
 * Why there are no answers under which a condition holds: those that it names must be asked, by conditions of their own,
 * before they are needed, and no two conditions may want different answers of one option.
 *
 * @param options in the order in which they are asked
 * @param before the option whose condition it is
 */
export function findContradiction(
  when: When,
  options: readonly Option[],
  before?: string,
): string | undefined {
  const wanted = new Map<string, readonly Answer[]>();
  return demand(when, before);

  function demand(condition: When, asker: string | undefined): string | undefined {
    for (const [name, answer] of Object.entries(condition)) {
      const reason = demandAnswer(name, [answer].flat(), asker);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  function demandAnswer(
    name: string,
    answers: readonly Answer[],
    asker: string | undefined,
  ): string | undefined {
    const option = options.find((each) => each.name === name);
    if (!option) return `no template here supports "${name}", so it is never asked`;
    if (asker !== undefined && !isAskedBefore(name, asker)) {
      return `"${name}" is asked after "${asker}", or is the same; put it before`;
    }
    const known = wanted.get(name);
    const possible = known ?? allowedValues(option);
    const left = possible ? answers.filter((value) => possible.includes(value)) : answers;
    wanted.set(name, left);
    const [first] = answers;
    if (left.length === 0 && known) {
      return `"${name}" would have to be ${String(first)} and ${known.join(' or ')} at once`;
    }
    if (left.length === 0) {
      return `"${name}" is never ${answers.join(' or ')} here, but ${possible?.join(' or ') ?? 'something else'}`;
    }
    return known ? undefined : demand(option.when ?? {}, name);
  }

  function isAskedBefore(name: string, asker: string): boolean {
    const names = options.map((option) => option.name);
    return names.indexOf(name) < names.indexOf(asker);
  }
}

function startsWith(path: JsonPath, start: JsonPath): boolean {
  return start.every((part, index) => path[index] === part);
}
