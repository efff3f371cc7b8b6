import { readFileSync } from 'node:fs';

/** Linux counts in hundredths of a second, whatever its own clock ticks in. */
const TICK_MS = 10;

/** Milliseconds of a core that a process has used, over all its threads. */
export function processTime(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The name, in brackets, may hold anything; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

/** Milliseconds that each core has worked, for whichever process but those that yield to all others (`nice`). */
export function coreTimes() {
  return readFileSync('/proc/stat', 'latin1')
    .split('\n')
    .filter((line) => /^cpu\d/.test(line))
    .map((line) => {
      const [user, , system, , , irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
      return (user + system + irq + softirq + steal) * TICK_MS;
    });
}

/** Bytes of memory that a process holds. */
export function residentMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)[1]) * 1024;
}
