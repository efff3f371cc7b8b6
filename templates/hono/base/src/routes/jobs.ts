import { Hono } from 'hono';
import type { Backend } from '../backend.js';
import type { AppEnv } from '../env.js';
import {
  answerJob,
  answerJobCancellation,
  answerJobEvents,
  answerJobList,
  answerJobRemoval,
  answerNewJob,
} from '../http/job-answers.js';
import {
  jobBody,
  jobEventsQuery,
  jobListBody,
  jobListQuery,
  newJobBody,
} from '../http/job-schemas.js';
import { refuseHead } from '../middleware/method-not-allowed.js';
import { access } from '../middleware/access.js';
import { query } from '../middleware/query.js';
import { unwantedBody } from '../middleware/unwanted-body.js';
import { work } from '../middleware/work.js';
import { send } from '../web/send.js';

export function jobRoutes(backend: Backend) {
  return (
    new Hono<AppEnv>()
      .post('/', access(backend), work(backend, newJobBody), async (c) =>
        send(c, await answerNewJob(backend, c.req.valid('json'), c.get('caller')), jobBody),
      )
      .get('/', access(backend), query(jobListQuery), async (c) =>
        send(c, await answerJobList(backend, c.req.valid('query'), c.get('caller')), jobListBody),
      )
      .get('/:id', access(backend), async (c) =>
        send(c, await answerJob(backend, c.req.param('id'), c.get('caller')), jobBody),
      )
      // A HEAD would follow the job to its end, for nobody.
      .get('/:id/events', refuseHead, access(backend), query(jobEventsQuery), async (c) => {
        const { after } = c.req.valid('query');
        return send(c, await answerJobEvents(backend, c.req.param('id'), after, c.get('caller')));
      })
      .post('/:id/cancel', access(backend), unwantedBody(backend), async (c) =>
        send(c, await answerJobCancellation(backend, c.req.param('id'), c.get('caller')), jobBody),
      )
      .delete('/:id', access(backend), unwantedBody(backend), async (c) =>
        send(c, await answerJobRemoval(backend, c.req.param('id'), c.get('caller'))),
      )
  );
}
