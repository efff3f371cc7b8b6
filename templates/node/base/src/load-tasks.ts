import { readdir } from 'node:fs/promises';
import { chatCompletion } from './inference/chat-completion.js';
import { embedding } from './inference/embedding.js';
import type { Task, TaskRegistry } from './inference/task.js';

const TASKS_FOLDER = new URL('./tasks/', import.meta.url);
const TASK_FILE = /^(?!.*\.(?:test|d)\.[jt]s$).+\.[jt]s$/;

/** The built-in tasks and every task that a file in `src/tasks` exports. */
export async function loadTasks(): Promise<TaskRegistry> {
  const files = (await readdir(TASKS_FOLDER)).filter((file) => TASK_FILE.test(file)).sort();
  const modules = await Promise.all(
    files.map((file) => import(new URL(file, TASKS_FOLDER).href) as Promise<object>),
  );
  const found = modules.flatMap((module) => Object.values(module).filter(isTask));
  return registerTasks([chatCompletion, embedding, ...found]);
}

/** @throws {Error} when two tasks have one name, or a name that no URL can carry as it is */
export function registerTasks(tasks: readonly Task[]): TaskRegistry {
  const registry = new Map<string, Task>();
  for (const task of tasks) {
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(task.name)) {
      throw new Error(`Task "${task.name}": use lower-case letters, digits, ".", "_" and "-".`);
    }
    if (registry.has(task.name)) throw new Error(`Two tasks are named "${task.name}".`);
    registry.set(task.name, task);
  }
  return registry;
}

function isTask(value: unknown): value is Task {
  return typeof value === 'object' && value !== null && 'answer' in value && 'input' in value;
}
