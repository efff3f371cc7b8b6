export interface Route {
  methods: readonly ('GET' | 'POST' | 'DELETE')[];
  /** As in an OpenAPI document; what stands in braces is a parameter, whatever its name. */
  template: string;
  /** A path that the template matches. */
  example: string;
}

/** The contract's table of calls. */
export const routes: readonly Route[] = [
  { methods: ['POST'], template: '/v1/chat/completions', example: '/v1/chat/completions' },
  { methods: ['POST'], template: '/v1/embeddings', example: '/v1/embeddings' },
  { methods: ['GET'], template: '/v1/models', example: '/v1/models' },
  { methods: ['GET'], template: '/v1/models/{}', example: '/v1/models/default' },
  { methods: ['GET'], template: '/v1/tasks', example: '/v1/tasks' },
  {
    methods: ['POST'],
    template: '/v1/tasks/chat.completion',
    example: '/v1/tasks/chat.completion',
  },
  { methods: ['POST'], template: '/v1/tasks/embedding', example: '/v1/tasks/embedding' },
  { methods: ['POST'], template: '/v1/tasks/summarize', example: '/v1/tasks/summarize' },
  { methods: ['GET', 'POST'], template: '/v1/jobs', example: '/v1/jobs' },
  { methods: ['GET', 'DELETE'], template: '/v1/jobs/{}', example: '/v1/jobs/job_1' },
  { methods: ['GET'], template: '/v1/jobs/{}/events', example: '/v1/jobs/job_1/events' },
  { methods: ['POST'], template: '/v1/jobs/{}/cancel', example: '/v1/jobs/job_1/cancel' },
  { methods: ['GET'], template: '/livez', example: '/livez' },
  { methods: ['GET'], template: '/readyz', example: '/readyz' },
  { methods: ['GET'], template: '/metrics', example: '/metrics' },
  { methods: ['GET'], template: '/openapi.json', example: '/openapi.json' },
  { methods: ['GET'], template: '/docs', example: '/docs' },
];
