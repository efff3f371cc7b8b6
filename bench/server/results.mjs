import { median } from '../statistics.mjs';

/** The measurements of all rounds, asked for by scenario and subject. */
export class Results {
  constructor(measurements, startTimes) {
    this.measurements = measurements;
    this.startTimes = startTimes;
  }

  has(scenario, subject) {
    return this.#rounds(scenario, subject).length > 0;
  }

  median(scenario, subject, figure) {
    return median(this.#rounds(scenario, subject).map(figure));
  }

  /** The median over the rounds of a comparison within each, since what disturbs a round disturbs both. */
  compare(scenario, [subject, other], compareFigures, figure) {
    const others = this.#rounds(scenario, other);
    if (others.length === 0) return undefined;
    const values = this.#rounds(scenario, subject).map((measurement, round) =>
      compareFigures(figure(measurement), figure(others[round])),
    );
    return median(values);
  }

  start(subject) {
    return median(this.startTimes.get(subject) ?? []);
  }

  #rounds(scenario, subject) {
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
