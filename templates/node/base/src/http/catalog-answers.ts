import { z } from 'zod';
import type { Backend } from '../backend.js';
import { canStream, type Task } from '../inference/task.js';
import { jsonAnswer, type HttpAnswer } from './http-answer.js';

export const modelBody = z
  .object({
    id: z.string(),
    object: z.literal('model'),
    created: z.number().int(),
    owned_by: z.string(),
  })
  .meta({ id: 'Model' });

export const modelListBody = z
  .object({ object: z.literal('list'), data: z.array(modelBody) })
  .meta({ id: 'ModelList' });

export const taskBody = z
  .object({
    name: z.string(),
    version: z.number().int(),
    description: z.string(),
    streaming: z.boolean(),
    input_schema: z.record(z.string(), z.unknown()).meta({ description: 'A JSON Schema.' }),
    output_schema: z.record(z.string(), z.unknown()).meta({ description: 'A JSON Schema.' }),
  })
  .meta({ id: 'Task' });

export const taskListBody = z
  .object({ object: z.literal('list'), data: z.array(taskBody) })
  .meta({ id: 'TaskList' });

export function answerModelList({ catalog }: Backend): HttpAnswer {
  const data = catalog.aliases.map(toModel);
  return jsonAnswer(200, JSON.stringify({ object: 'list', data }));
}

/** @throws {ApiError} 404 for a name that no call would be answered for */
export function answerModel({ catalog }: Backend, id: string): HttpAnswer {
  catalog.resolve(id);
  return jsonAnswer(200, JSON.stringify(toModel(id)));
}

export function answerTaskList({ tasks }: Backend): HttpAnswer {
  const data = [...tasks.values()].map(toTask);
  return jsonAnswer(200, JSON.stringify({ object: 'list', data }));
}

/** Aliases are this service's own, and older than anybody who asks. */
function toModel(id: string): z.input<typeof modelBody> {
  return { id, object: 'model', created: 0, owned_by: 'organization' };
}

function toTask(task: Task) {
  const { name, version, description, input, output } = task;
  return {
    name,
    version,
    description,
    streaming: canStream(task),
    input_schema: z.toJSONSchema(input, { io: 'input' }),
    output_schema: z.toJSONSchema(output),
  } satisfies z.input<typeof taskBody>;
}
