import type { Router } from 'express';
import type { Backend } from '../../backend.js';
import {
  answerJob,
  answerJobCancellation,
  answerJobEvents,
  answerJobList,
  answerJobRemoval,
  answerNewJob,
} from '../../http/job-answers.js';
import { jobEventsQuery, jobListQuery, newJobBody } from '../../http/job-schemas.js';
import { acceptWork } from '../../middleware/accept-work.js';
import { allowMethods } from '../../middleware/allow-methods.js';
import { authenticate } from '../../middleware/authenticate.js';
import { readOptionalJson } from '../../middleware/read-json.js';
import { createRouter } from '../create-router.js';
import { parse } from '../parse.js';
import { sendAnswer } from '../send-answer.js';

export function jobsRouter(backend: Backend): Router {
  const router = createRouter();
  const authenticated = authenticate(backend);
  const optionalBody = readOptionalJson(backend.config.BODY_LIMIT_BYTES);

  router
    .route('/')
    .all(allowMethods('GET', 'HEAD', 'POST'))
    .get(authenticated, async ({ query, caller }, response) => {
      sendAnswer(response, await answerJobList(backend, parse(jobListQuery, query), caller));
    })
    .post(...acceptWork(backend), async ({ body, caller }, response) => {
      sendAnswer(response, await answerNewJob(backend, parse(newJobBody, body), caller));
    });

  router
    .route('/:id')
    .all(allowMethods('GET', 'HEAD', 'DELETE'), authenticated)
    .get(async ({ params: { id }, caller }, response) => {
      sendAnswer(response, await answerJob(backend, id, caller));
    })
    .delete(optionalBody, async ({ params: { id }, caller }, response) => {
      sendAnswer(response, await answerJobRemoval(backend, id, caller));
    });

  router
    .route('/:id/events')
    // A HEAD would follow the job to its end, for nobody.
    .all(allowMethods('GET'), authenticated)
    .get(async ({ params: { id }, query, caller }, response) => {
      const { after } = parse(jobEventsQuery, query);
      sendAnswer(response, await answerJobEvents(backend, id, after, caller));
    });

  router
    .route('/:id/cancel')
    .all(allowMethods('POST'), authenticated)
    .post(optionalBody, async ({ params: { id }, caller }, response) => {
      sendAnswer(response, await answerJobCancellation(backend, id, caller));
    });

  return router;
}
