import { expect, onTestFinished } from 'vitest';
import { Deployment, type Configuration } from '../subject/deployment.js';
import type { Upstream } from '../upstream/upstream.js';

/** A deployment whose processes the test starts itself; it goes away with the test. */
export async function prepareDeployment(
  upstream: Upstream,
  configuration: Configuration = {},
): Promise<Deployment> {
  const deployment = await Deployment.prepare(upstream.baseUrl, configuration);
  onTestFinished(() => deployment.stop());
  return deployment;
}

/** Starts an API process that must refuse, naming the variables at fault, and gives what it printed. */
export async function expectRefusal(
  upstream: Upstream,
  configuration: Configuration,
  variables: readonly string[],
): Promise<string> {
  const backend = await (await prepareDeployment(upstream, configuration)).spawnApi();
  const exit = await backend.exit(20_000);
  const { output } = backend;
  expect(exit, output).toEqual({ code: 1, signal: null });
  expect(output, 'it never listened').not.toMatch(/"url"/u);
  for (const variable of variables) {
    expect(output, `${variable} is named`).toMatch(new RegExp(`\\b${variable}\\b`, 'u'));
  }
  return output;
}
