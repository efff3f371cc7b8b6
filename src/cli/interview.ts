import { Cancelled } from '../errors.js';
import { defaultAnswer, findFault } from '../options/answer-options.js';
import type { Answer, Option } from '../options/option.js';
import { VERSION } from '../version.js';
import type { Interrupt } from './interrupt.js';
import type { Output } from './output.js';
import { BACK, CANCELLED } from './reply.js';

export interface Question extends Option {
  /** What is told before it is put, in lines of this width. */
  readonly preface?: (width: number) => string | Promise<string>;
  /** A sentence when an answer cannot be used, besides what the option itself says. */
  readonly findFault?: (typed: string) => string | undefined;
}

/** Who answers what was not given. */
export interface Asker {
  /** Puts a question, unless it has been answered. */
  ask(question: Question): Promise<Answer>;
  /** Takes the default, unless there is none or the person wants to change it. */
  settle(option: Option): Promise<Answer>;
}

/** The person wants the last question again. It travels the way of errors, and never leaves the interview. */
export class Back extends Error {}

interface Surroundings {
  readonly interrupt: Interrupt;
  readonly output: Output;
}

interface Prompts {
  readonly put: (question: Question, initial: Answer | undefined) => Promise<Answer>;
}

/**
 * Questions with a way back. Answers are remembered by the names of their questions. Who goes back or changes an answer
 * goes through all questions anew, and those that are remembered are not put again: so there is one way through them,
 * and nothing that depends on an answer can be left over from another.
 */
export class Interview implements Asker {
  readonly #prompts: Prompts;
  /** In the order in which they were given; the last to a question counts. */
  readonly #replies: { readonly name: string; readonly answer: Answer }[] = [];
  /** What had been answered before the person went back: what is marked when it is asked again. */
  readonly #withdrawn = new Map<string, Answer>();
  #changing: string | undefined;
  #hasLeftSomething = false;

  constructor(prompts: Prompts) {
    this.#prompts = prompts;
  }

  /** Whether anything was asked, or left at its default. */
  get hasLeftSomething(): boolean {
    return this.#hasLeftSomething;
  }

  async ask(question: Question): Promise<Answer> {
    this.#hasLeftSomething = true;
    const known = this.#recall(question);
    if (known !== undefined && this.#changing !== question.name) return known;
    const answer = await this.put(question, known ?? this.#withdrawn.get(question.name));
    this.#changing = undefined;
    this.#replies.push({ name: question.name, answer });
    return answer;
  }

  async settle(option: Option): Promise<Answer> {
    this.#hasLeftSomething = true;
    const isAsked = option.own === true || this.#changing === option.name;
    if (isAsked || this.#recall(option) !== undefined) return this.ask(option);
    return defaultAnswer(option);
  }

  /** Puts a question beside the way: its answer is not remembered, and who goes back from it is where they were. */
  async putAside(question: Question): Promise<Answer> {
    this.#changing = question.name;
    const answer = await this.put(question);
    this.#changing = undefined;
    return answer;
  }

  /** Puts a question whose answer is not remembered. */
  put(question: Question, initial?: Answer): Promise<Answer> {
    const isUsable = initial !== undefined && findFault(question, initial) === undefined;
    return this.#prompts.put(question, isUsable ? initial : undefined);
  }

  /** Puts this question next, whatever was answered. */
  change(name: string): void {
    this.#changing = name;
  }

  /** Puts the last question again. Throws Cancelled where there is none. */
  back(): void {
    if (this.#changing !== undefined) {
      this.#changing = undefined;
      return;
    }
    const last = this.#replies.pop();
    if (!last) throw new Cancelled();
    this.#withdrawn.set(last.name, last.answer);
  }

  #recall(option: Option): Answer | undefined {
    const answer = this.#replies.findLast(({ name }) => name === option.name)?.answer;
    return answer !== undefined && findFault(option, answer) === undefined ? answer : undefined;
  }
}

/**
 * The prompts are loaded with it, and greet with the first question. A person who leaves is a Cancelled error, like one who
 * sends a signal.
 */
export async function openInterview({ interrupt, output }: Surroundings): Promise<Interview> {
  const prompts = await (output.plain ? import('./plain-prompts.js') : import('./prompts.js'));
  let isGreeted = false;
  return new Interview({
    put: async (question, initial) => {
      if (!isGreeted) prompts.greet(VERSION);
      isGreeted = true;
      const reply = await Promise.race([prompts.put(question, initial), interrupt.signalled]);
      if (reply === CANCELLED) throw new Cancelled();
      if (reply === BACK) throw new Back();
      return reply;
    },
  });
}

/** Goes through the questions until they are done, however often the person goes back. */
export async function conduct<Outcome>(
  interview: Interview,
  goThrough: (interview: Interview) => Promise<Outcome>,
): Promise<Outcome> {
  for (;;) {
    try {
      return await goThrough(interview);
    } catch (error) {
      if (!(error instanceof Back)) throw error;
      interview.back();
    }
  }
}
