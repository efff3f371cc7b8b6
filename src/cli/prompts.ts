import { confirm, intro, select, text } from '@clack/prompts';
import { defaultAnswer, findFault } from '../options/answer-options.js';
import { allowedValues, type Answer, type Option } from '../options/option.js';

/** The person left: by Ctrl-C or Escape. */
export const CANCELLED = Symbol('cancelled');

export type Reply<Value> = Value | typeof CANCELLED;

export function greet(version: string): void {
  intro(`create-ai-backend ${version}`);
}

/** @param findDirectoryFault a sentence when the directory cannot be used */
export async function askDirectory(
  findDirectoryFault: (typed: string) => string | undefined,
): Promise<Reply<string>> {
  const reply = await text({
    message: 'Where should the project go?',
    placeholder: 'my-ai',
    defaultValue: 'my-ai',
    validate: (typed) => findDirectoryFault(typed === undefined || typed === '' ? 'my-ai' : typed),
  });
  return typeof reply === 'symbol' ? CANCELLED : reply;
}

/** Asks for one option in the way its type is asked for. */
export async function askOption(option: Option): Promise<Reply<Answer>> {
  const reply = await ASKS[option.type](option);
  return typeof reply === 'symbol' ? CANCELLED : reply;
}

const ASKS: Readonly<Record<Option['type'], (option: Option) => Promise<Answer | symbol>>> = {
  choice: ({ label, choices = [], ...option }) =>
    select<string>({
      message: label,
      options: choices.map((choice) => ({ ...choice })),
      initialValue: String(defaultAnswer({ ...option, label, choices })),
    }),
  boolean: (option) =>
    confirm({
      message: option.label,
      initialValue: (option.default ?? allowedValues(option)?.[0]) === true,
    }),
  string: (option) =>
    text({
      message: option.label,
      ...(option.default === undefined
        ? {}
        : { placeholder: String(option.default), defaultValue: String(option.default) }),
      validate: (typed) => findFault(option, (typed ?? '') || (option.default ?? '')),
    }),
};
