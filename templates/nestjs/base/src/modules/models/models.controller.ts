import { Controller, Get, Inject, Param, UseGuards } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { ApiKeyGuard } from '../../common/api-key.guard.js';
import { answerModel, answerModelList } from '../../http/catalog-answers.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { BACKEND } from '../backend/tokens.js';

@Controller('v1/models')
@UseGuards(ApiKeyGuard)
export class ModelsController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Get()
  list(): HttpAnswer {
    return answerModelList(this.backend);
  }

  @Get(':id')
  get(@Param('id') id: string): HttpAnswer {
    return answerModel(this.backend, id);
  }
}
