import { Cancelled } from '../errors.js';
import type { Answer, Option } from '../options/option.js';
import type { Interrupt } from './interrupt.js';
import type { Reply } from './prompts.js';

/** Questions to the person at the terminal. A person who leaves is a Cancelled error here, like one who sends a signal. */
export interface Asker {
  directory(findFault: (typed: string) => string | undefined): Promise<string>;
  option(option: Option): Promise<Answer>;
}

/** The prompts are loaded with the first question. */
export async function openAsker(interrupt: Interrupt, version: string): Promise<Asker> {
  const prompts = await import('./prompts.js');
  const settle = async <Value>(reply: Promise<Reply<Value>>): Promise<Value> => {
    const value = await Promise.race([reply, interrupt.signalled]);
    if (value === prompts.CANCELLED) throw new Cancelled();
    return value;
  };
  prompts.greet(version);
  return {
    directory: (findFault) => settle(prompts.askDirectory(findFault)),
    option: (option) => settle(prompts.askOption(option)),
  };
}
