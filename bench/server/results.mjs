import { median } from '../statistics.mjs';

const MEGABYTE = 1024 * 1024;

/** What was measured in all rounds and turns, asked for by scenario and subject. */
export class Results {
  /**
   * @param measurements of a scenario with a subject, in the order in which they were made
   * @param startTimes to each subject the milliseconds from each start of its process to an answer
   * @param memory to each subject the bytes that it held at the end of each round
   */
  constructor({ measurements, startTimes, memory }) {
    this.measurements = measurements;
    this.startTimes = startTimes;
    this.memory = memory;
  }

  has(scenario, subject) {
    return this.#measurementsOf(scenario, subject).length > 0;
  }

  median(scenario, subject, figure) {
    return median(this.#measurementsOf(scenario, subject).map(figure));
  }

  /** The median over all turns of a comparison within each, since what disturbs a turn disturbs both. */
  compare(scenario, [subject, other], compareFigures, figure) {
    const others = this.#measurementsOf(scenario, other);
    if (others.length === 0) return undefined;
    const values = this.#measurementsOf(scenario, subject).map((measurement, turn) =>
      compareFigures(figure(measurement), figure(others[turn])),
    );
    return median(values);
  }

  startMs(subject) {
    return Math.round(median(this.startTimes.get(subject)));
  }

  memoryMegabytes(subject) {
    return Math.round(median(this.memory.get(subject)) / MEGABYTE);
  }

  #measurementsOf(scenario, subject) {
    return this.measurements.filter(
      (measurement) => measurement.scenario === scenario && measurement.subject === subject,
    );
  }
}

export const ratio = (a, b) => a / b;
export const difference = (a, b) => a - b;

export const perSecond = ({ requests, seconds }) => requests / seconds;
export const microsPerRequest = ({ processMs, requests }) => (processMs * 1000) / requests;
export const microsPerEvent = ({ processMs, events }) => (processMs * 1000) / events;
export const firstEventMs = (measurement) => measurement.firstEventMs;
