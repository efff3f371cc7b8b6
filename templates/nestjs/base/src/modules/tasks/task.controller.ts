import { Body, Controller, Inject, Post, UseGuards, type Type } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { ApiKeyGuard } from '../../common/api-key.guard.js';
import { CurrentCaller } from '../../common/current-caller.decorator.js';
import { TakesOnWork } from '../../common/work.guard.js';
import type { Caller } from '../../http/caller.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { answerTask } from '../../http/inference-answers.js';
import type { Task } from '../../inference/task.js';
import { BACKEND } from '../backend/tokens.js';

/** A controller for a task, with a route of its name that takes the task's own schema. */
export function createTaskController(task: Task): Type {
  @Controller('v1/tasks')
  @UseGuards(ApiKeyGuard)
  class TaskController {
    constructor(@Inject(BACKEND) private readonly backend: Backend) {}

    @Post(task.name)
    @TakesOnWork()
    run(
      @Body({ schema: task.input }) input: unknown,
      @CurrentCaller() caller: Caller,
    ): Promise<HttpAnswer> {
      return answerTask(this.backend, task, input, caller);
    }
  }
  return TaskController;
}
