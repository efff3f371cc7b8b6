import { Body, Controller, Inject, Post, UseGuards } from '@nestjs/common';
import type { Backend } from '../../backend.js';
import { ApiKeyGuard } from '../../common/api-key.guard.js';
import { CurrentCaller } from '../../common/current-caller.decorator.js';
import { TakesOnWork } from '../../common/work.guard.js';
import type { Caller } from '../../http/caller.js';
import type { HttpAnswer } from '../../http/http-answer.js';
import { answerChat, answerEmbedding } from '../../http/inference-answers.js';
import { chatRequest, type ChatRequest } from '../../inference/chat-completion.js';
import { embeddingRequest, type EmbeddingRequest } from '../../inference/embedding.js';
import { BACKEND } from '../backend/tokens.js';

/** The inference calls of OpenAI's API. */
@Controller('v1')
@UseGuards(ApiKeyGuard)
export class InferenceController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  @Post('chat/completions')
  @TakesOnWork()
  completeChat(
    @Body({ schema: chatRequest }) request: ChatRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<HttpAnswer> {
    return answerChat(this.backend, request, caller);
  }

  @Post('embeddings')
  @TakesOnWork()
  embed(
    @Body({ schema: embeddingRequest }) request: EmbeddingRequest,
    @CurrentCaller() caller: Caller,
  ): Promise<HttpAnswer> {
    return answerEmbedding(this.backend, request, caller);
  }
}
