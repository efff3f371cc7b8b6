import { Controller, Get, Inject, UseGuards } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { ApiKeyGuard } from '../../common/api-key.guard.js';
import { answerTaskList } from '../../http/catalog-answers.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { BACKEND } from '../backend/tokens.js';

@Controller('v1/tasks')
@UseGuards(ApiKeyGuard)
export class TasksController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Get()
  list(): HttpAnswer {
    return answerTaskList(this.backend);
  }
}
