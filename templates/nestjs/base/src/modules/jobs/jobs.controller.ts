import {
  Body,
  Controller,
  Delete,
  Get,
  Inject,
  Param,
  Post,
  Query,
  UseGuards,
} from '@nestjs/common';
import type { z } from 'zod';
import type { Backend } from '../../backend.js';
import { ApiKeyGuard } from '../../common/api-key.guard.js';
import { UnusedBodyGuard } from '../../common/body.guard.js';
import { CurrentCaller } from '../../common/current-caller.decorator.js';
import { GetOnly } from '../../common/get-only.decorator.js';
import { TakesOnWork } from '../../common/work.guard.js';
import type { Caller } from '../../http/caller.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import {
  answerJob,
  answerJobCancellation,
  answerJobEvents,
  answerJobList,
  answerJobRemoval,
  answerNewJob,
} from '../../http/job-answers.js';
import {
  jobEventsQuery,
  jobListQuery,
  newJobBody,
  type JobListQuery,
  type NewJobBody,
} from '../../http/job-schemas.js';
import { BACKEND } from '../backend/tokens.js';

@Controller('v1/jobs')
@UseGuards(ApiKeyGuard)
export class JobsController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Post()
  @TakesOnWork()
  create(
    @Body({ schema: newJobBody }) job: NewJobBody,
    @CurrentCaller() caller: Caller,
  ): Promise<HttpAnswer> {
    return answerNewJob(this.backend, job, caller);
  }

  @Get()
  list(
    @Query({ schema: jobListQuery }) query: JobListQuery,
    @CurrentCaller() caller: Caller,
  ): Promise<HttpAnswer> {
    return answerJobList(this.backend, query, caller);
  }

  @Get(':id')
  get(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<HttpAnswer> {
    return answerJob(this.backend, id, caller);
  }

  /** A HEAD would follow the job to its end, for nobody. */
  @Get(':id/events')
  @GetOnly()
  follow(
    @Param('id') id: string,
    @Query({ schema: jobEventsQuery }) { after }: z.output<typeof jobEventsQuery>,
    @CurrentCaller() caller: Caller,
  ): Promise<HttpAnswer> {
    return answerJobEvents(this.backend, id, after, caller);
  }

  @Post(':id/cancel')
  @UseGuards(UnusedBodyGuard)
  cancel(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<HttpAnswer> {
    return answerJobCancellation(this.backend, id, caller);
  }

  @Delete(':id')
  @UseGuards(UnusedBodyGuard)
  remove(@Param('id') id: string, @CurrentCaller() caller: Caller): Promise<HttpAnswer> {
    return answerJobRemoval(this.backend, id, caller);
  }
}
