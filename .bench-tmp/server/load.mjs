/** The load generator, a process of its own. It is given one measurement after the other, and answers with figures. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from './connection.mjs';
import { UNIQUE } from './messages.mjs';
import { coreTimes, processTime } from './processor-time.mjs';
import { percentile } from '../statistics.mjs';

let requestNumber = 0;

process.on('message', async (measurement) => {
  process.send(await measure(measurement));
});

/** @param pid of the server that is measured */
async function measure({ port, request, connections, warmUpSeconds, seconds, pid }) {
  const counters = new Counters();
  const open = Array.from(
    { length: connections },
    () => new Connection(port, requestWriter(request), counters),
  );
  await sleep(warmUpSeconds * 1000);
  counters.reset();
  const before = snapshot(pid);
  await sleep(seconds * 1000);
  const after = snapshot(pid);
  const figures = counters.figures();
  await Promise.all(open.map((connection) => connection.stop()));
  const milliseconds = after.now - before.now;
  return {
    ...figures,
    seconds: milliseconds / 1000,
    processMs: after.process - before.process,
    coresBusy: after.cores.map((core, index) => (core - before.cores[index]) / milliseconds),
  };
}

function snapshot(pid) {
  return { now: performance.now(), process: processTime(pid), cores: coreTimes() };
}

/** Writes the number of the request into its bytes, where there is a place for it. */
function requestWriter(text) {
  const bytes = Buffer.from(text);
  const place = bytes.indexOf(UNIQUE);
  if (place < 0) return () => bytes;
  return () => {
    requestNumber += 1;
    bytes.write(String(requestNumber).padStart(UNIQUE.length, '0'), place, 'latin1');
    return bytes;
  };
}

class Counters {
  #requests = [];
  #firstEvents = [];
  #events = 0;
  #failure = null;

  reset() {
    this.#requests = [];
    this.#firstEvents = [];
    this.#events = 0;
  }

  answered(milliseconds) {
    this.#requests.push(milliseconds);
  }

  firstEvent(milliseconds) {
    this.#firstEvents.push(milliseconds);
  }

  events(count) {
    this.#events += count;
  }

  failed(reason) {
    this.#failure ??= reason;
  }

  figures() {
    return {
      requests: this.#requests.length,
      events: this.#events,
      latencyMs: { p50: percentile(this.#requests, 0.5), p99: percentile(this.#requests, 0.99) },
      firstEventMs: percentile(this.#firstEvents, 0.5),
      failure: this.#failure,
    };
  }
}
