import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import type { Backend } from './backend.js';
import { ProblemFilter } from './common/problem.filter.js';
import { SchemaPipe } from './common/schema.pipe.js';
import { BackendModule } from './modules/backend/backend.module.js';
import { DocumentationModule } from './modules/documentation/documentation.module.js';
import { InferenceModule } from './modules/inference/inference.module.js';
import { JobsModule } from './modules/jobs/jobs.module.js';
import { ModelsModule } from './modules/models/models.module.js';
import { OperationsModule } from './modules/operations/operations.module.js';
import { TasksModule } from './modules/tasks/tasks.module.js';

@Module({
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: SchemaPipe },
  ],
})
export class AppModule {
  static register(backend: Backend): DynamicModule {
    return {
      module: AppModule,
      imports: [
        BackendModule.register(backend),
        OperationsModule,
        DocumentationModule,
        InferenceModule,
        ModelsModule,
        TasksModule.register(backend.tasks),
        JobsModule,
      ],
    };
  }
}
