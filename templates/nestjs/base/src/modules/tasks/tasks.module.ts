import { Module, type DynamicModule } from '@nestjs/common';
import type { TaskRegistry } from '../../inference/task.js';
import { createTaskController } from './task.controller.js';
import { TasksController } from './tasks.controller.js';

@Module({ controllers: [TasksController] })
export class TasksModule {
  static register(tasks: TaskRegistry): DynamicModule {
    const controllers = [...tasks.values()].map(createTaskController);
    return { module: TasksModule, controllers };
  }
}
