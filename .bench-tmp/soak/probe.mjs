/**
 * Loaded into the server by `--import`; tells over IPC what the process holds on to. Needs `--expose-gc`, since only
 * what a collection leaves is held.
 */
import { ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { queryObjects } from 'node:v8';

const MILLISECOND = 1e6;

const timer = setTimeout(() => undefined);
const Timeout = timer.constructor;
clearTimeout(timer);

/** What a request may leave behind when its end is forgotten. */
const WATCHED = { AbortController, Timeout, ServerResponse, Socket };

const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();

process.on('message', () => {
  const delayMs = {
    p50: delay.percentile(50) / MILLISECOND,
    p99: delay.percentile(99) / MILLISECOND,
  };
  gc();
  const { heapUsed, rss } = process.memoryUsage();
  process.send({ heapUsed, rss, delayMs, resources: countResources(), objects: countObjects() });
  delay.reset();
});
// The benchmark's channel must not keep the server alive when it is told to stop.
process.channel.unref();

/** Timers and handles that keep the process alive. */
function countResources() {
  const counts = {};
  for (const type of process.getActiveResourcesInfo()) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

function countObjects() {
  const counts = Object.entries(WATCHED).map(([name, constructor]) => [
    name,
    queryObjects(constructor, { format: 'count' }),
  ]);
  return Object.fromEntries(counts);
}
