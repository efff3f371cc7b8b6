import { renderJob } from '../http/job-body.js';
import { isTerminal, type Job } from '../jobs/job.js';
import type { Announce } from '../jobs/job-transitions.js';
import type { Delivery, DeliveryQueue, JobStore } from '../store/ports.js';
import type { Logger } from '../telemetry/logger.js';

export interface JobAnnouncerDependencies {
  readonly store: Pick<JobStore, 'announced'>;
  readonly deliveries: Pick<DeliveryQueue, 'enqueue'>;
  readonly logger: Logger;
}

/** Hands the ends of jobs over to be delivered. It does not reject: what could not be handed over is tried again later. */
export function createJobAnnouncer(dependencies: JobAnnouncerDependencies): Announce {
  const { store, deliveries, logger } = dependencies;
  return async (job) => {
    const { id, status, webhook } = job;
    if (webhook === null) return true;
    try {
      if (isTerminal(status) && webhook.events.includes(status))
        await deliveries.enqueue(jobDelivery(job, webhook.url));
      await store.announced(id);
      return true;
    } catch (error) {
      logger.warn({ err: error, job_id: id }, 'the end of a job could not be announced yet');
      return false;
    }
  };
}

/** The job as it is now. The id is the same whichever process announces it, and however often. */
function jobDelivery(job: Job, url: string): Delivery {
  const { id, tenant, status, completedAt } = job;
  const type = JSON.stringify(`job.${status}`);
  const timestamp = JSON.stringify(new Date(completedAt ?? Date.now()));
  return {
    id: `msg_${id.replace('job_', '')}_${status}`,
    jobId: id,
    tenant,
    url,
    body: `{"type":${type},"timestamp":${timestamp},"data":${renderJob(job)}}`,
  };
}
