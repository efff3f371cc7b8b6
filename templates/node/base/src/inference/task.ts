import type { z } from 'zod';
import type { ModelClient } from '../models/model-client.js';
import { invalidRequest, schemaViolation } from '../errors.js';
import { toJson } from '../json.js';
import type { Stream } from '../stream.js';

/** Tokens of all model calls of a run, as OpenAI's API counts them. */
export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
}

/** A part of an answer. */
export interface Delta {
  /** JSON, as the provider wrote it where it is the provider's. */
  readonly text: string;
  /** What it is the JSON of, where the text alone does not do: shared runs keep deltas, and values are larger. */
  readonly parsed?: unknown;
}

/** A finished answer. */
export interface Outcome {
  /** The exact JSON text that the caller gets. */
  readonly body: string;
  readonly usage: Usage | null;
  /** False for refused and truncated answers, which are never cached. */
  readonly complete: boolean;
}

/** What a task that streams gives: deltas, those that are there at once in one step, and in the end the outcome. */
export type Deltas = Stream<readonly Delta[], Outcome>;

/** A run as its caller reads it: whole, or delta by delta. One of the two, and once. */
export interface Run {
  outcome(): Promise<Outcome>;
  /** Those of an answer that came whole are made of it. */
  deltas(): Deltas;
}

export interface Progress {
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string | null;
}

/** What a task works with. */
export interface TaskContext {
  readonly models: ModelClient;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly tenant: string;
  /** Tells how far the work is; callers of a job see it at once. */
  readonly progress: (fraction: number, message?: string) => Promise<void>;
}

/**
 * A named, typed unit of inference. It has a synchronous route, an asynchronous one, caching, coalescing,
 * metrics and its page in the OpenAPI document, with no further code.
 */
export interface Task<Input = unknown> {
  readonly name: string;
  /** Part of the cache key: raise it when the same input should give another answer. */
  readonly version: number;
  readonly description: string;
  readonly input: z.ZodType<Input>;
  readonly output: z.ZodType;
  /** Whether `CACHE_POLICY=deterministic` may answer this input from the cache. */
  cacheable(input: Input): boolean;
  /** The part of the input that decides the answer. */
  cacheInput(input: Input): unknown;
  /** Runs to the end. */
  answer(input: Input, context: TaskContext): Promise<Outcome>;
  /** Runs, and yields what is there already on the way. Not every task can. */
  stream?(input: Input, context: TaskContext): Deltas;
  /** The deltas of an answer that is there already, for a caller who asked for a stream. */
  replay(outcome: Outcome): Iterable<Delta>;
}

export type StreamingTask = Task & Required<Pick<Task, 'stream'>>;

export function canStream(task: Task): task is StreamingTask {
  return task.stream !== undefined;
}

export interface TaskDefinition<Input extends z.ZodType, Output extends z.ZodType> {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  /** What it makes of a request must be JSON, too: a job is kept with it, and the cache's key is made of it. */
  readonly input: Input;
  readonly output: Output;
  /** Whether the same input may be answered from the cache. Default: no. */
  readonly deterministic?: boolean;
}

type RunOnce<Input, Output> = (input: Input, context: TaskContext) => Promise<Output>;
type RunStream<Input, Output> = (
  input: Input,
  context: TaskContext,
) => AsyncGenerator<unknown, Output, undefined>;

/** Defines a task that answers all at once. */
export function defineTask<Input extends z.ZodType, Output extends z.ZodType>(
  definition: TaskDefinition<Input, Output> & {
    readonly run: RunOnce<z.output<Input>, z.input<Output>>;
  },
): Task<z.output<Input>> {
  const { run, output } = definition;
  return {
    ...commonParts(definition),
    answer: async (input, context) => toOutcome(await run(input, context), output, context),
  };
}

/** Defines a task that yields deltas, any JSON, while it works, and returns its whole output at the end. */
export function defineStreamingTask<Input extends z.ZodType, Output extends z.ZodType>(
  definition: TaskDefinition<Input, Output> & {
    readonly run: RunStream<z.output<Input>, z.input<Output>>;
  },
): Task<z.output<Input>> {
  const { run, output } = definition;
  return {
    ...commonParts(definition),
    async answer(input, context) {
      const deltas = run(input, context);
      let step = await deltas.next();
      while (step.done !== true) step = await deltas.next();
      return toOutcome(step.value, output, context);
    },
    async *stream(input, context) {
      const deltas: Stream<unknown, z.input<Output>> = run(input, context);
      try {
        let step = await deltas.next();
        while (step.done !== true) {
          yield [{ text: toJson(step.value) }];
          step = await deltas.next();
        }
        return await toOutcome(step.value, output, context);
      } finally {
        await deltas.return();
      }
    },
  };
}

function commonParts<Input extends z.ZodType, Output extends z.ZodType>({
  name,
  version,
  description,
  input,
  output,
  deterministic = false,
}: TaskDefinition<Input, Output>) {
  return {
    name,
    version,
    description,
    input: input as unknown as z.ZodType<z.output<Input>>,
    output,
    cacheable: () => deterministic,
    cacheInput: (value: z.output<Input>) => value,
    replay: () => [],
  };
}

async function toOutcome(
  answer: unknown,
  schema: z.ZodType,
  { models: { usage } }: TaskContext,
): Promise<Outcome> {
  return { body: toJson(await schema.parseAsync(answer)), usage, complete: true };
}

/**
 * @param prefix path of `request` within the body that the caller sent
 * @throws {ApiError} 400, naming the field at fault
 */
export function parseInput<Input>(
  task: Task<Input>,
  request: unknown,
  prefix: readonly PropertyKey[] = [],
): Input {
  const result = task.input.safeParse(request);
  if (result.success) return result.data;
  throw schemaViolation(result.error.issues, prefix);
}

export type TaskRegistry = ReadonlyMap<string, Task>;

export function taskNamed(tasks: TaskRegistry, name: string): Task {
  const task = tasks.get(name);
  if (task !== undefined) return task;
  const names = [...tasks.keys()].join(', ');
  throw invalidRequest(`There is no task "${name}". Tasks: ${names}.`, 'type');
}
