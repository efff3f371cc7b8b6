/**
 * The load generator and the upstream in one process that looks for what comes over and over again, and never sleeps.
 * Whoever writes to a process that sleeps has to wake it: that is counted as the writer's time, and in a virtual machine
 * takes as long as much of what is measured.
 */
import './load.mjs';
import './upstream.mjs';

function poll() {
  setImmediate(poll);
}

poll();
