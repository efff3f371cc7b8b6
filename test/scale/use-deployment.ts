import { describe, onTestFinished } from 'vitest';
import { Deployment, type Configuration } from '../contract/subject/deployment.js';
import { settings } from '../contract/subject/settings.js';
import type { Upstream } from '../contract/upstream/upstream.js';

const hasRedis =
  settings.store === 'redis' && settings.obstacle === undefined && settings.redisUrls === undefined;

/** All of this needs several processes, and Redis servers that can be killed. */
export const describeAtScale = describe.skipIf(!hasRedis);

/** A deployment of the test's own, whose queue outlives a restart of its server. */
export async function startDeployment(
  upstream: Upstream,
  configuration: Configuration,
): Promise<Deployment> {
  const deployment = await Deployment.start(upstream.baseUrl, {
    ...configuration,
    appendOnly: true,
  });
  onTestFinished(() => deployment.stop());
  return deployment;
}
