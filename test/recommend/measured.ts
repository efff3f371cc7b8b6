import type { Measurements } from '../../src/recommend/measurements.js';

/** Made up, in the shape of what bench/frameworks.mjs writes. */
export const MEASURED: Measurements = {
  machine: {
    node: 'v24.0.0',
    processor: 'Some processor',
    cores: 2,
    rounds: 5,
    secondsPerRound: 3,
  },
  frameworks: {
    fastify: framework('fastify 5.12.8', [1, 150, 20, 300, 90]),
    express: framework('express 5.3.0', [1.2, 190, 21, 290, 92]),
    nestjs: framework('@nestjs/core 12.5.1', [1.3, 200, 23, 700, 130]),
    hono: framework('hono 4.13.19', [1.1, 170, 24, 260, 85]),
  },
};

type Figures = readonly [
  firstByteMs: number,
  proxiedCpuMicros: number,
  chunkCpuMicros: number,
  startMs: number,
  memoryMegabytes: number,
];

function framework(version: string, figures: Figures): Measurements['frameworks'][string] {
  const [firstByteMs, proxiedCpuMicros, chunkCpuMicros, startMs, memoryMegabytes] = figures.map(
    (measured) => ({ measured, floor: measured / 2, overFloor: 2 }),
  );
  const named = { firstByteMs, proxiedCpuMicros, chunkCpuMicros, startMs, memoryMegabytes };
  return {
    version,
    ...(named as Readonly<Record<keyof typeof named, { measured: number; floor: number }>>),
  };
}
