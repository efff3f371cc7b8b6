import { Controller, Get, Inject } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { answerLiveness, answerMetrics, answerReadiness } from '../../http/health-answers.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { BACKEND } from '../backend/tokens.js';

/** What operators and their tools call. */
@Controller()
export class OperationsController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Get('livez')
  live(): HttpAnswer {
    return answerLiveness();
  }

  @Get('readyz')
  ready(): Promise<HttpAnswer> {
    return answerReadiness(this.backend);
  }

  @Get('metrics')
  metrics(): Promise<HttpAnswer> {
    return answerMetrics(this.backend);
  }
}
