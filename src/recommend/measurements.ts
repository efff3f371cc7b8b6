/** What `bench/frameworks.mjs --save` writes: figures of generated servers, each with its own floor. */
export interface Measurements {
  /** Absent where nothing has been measured. */
  readonly machine?: Machine;
  readonly frameworks: Readonly<Record<string, MeasuredFramework>>;
}

export interface Machine {
  readonly node: string;
  readonly processor: string;
  readonly cores: number;
  readonly rounds: number;
  readonly secondsPerRound: number;
}

/** Figures by name, and the version that was measured. */
export type MeasuredFramework = Readonly<Record<string, Figure | string>>;

export interface Figure {
  readonly measured: number;
  /** The same of a bare server on that framework. */
  readonly floor: number;
}

export const NOT_MEASURED: Measurements = { frameworks: {} };

export function figureOf(
  { frameworks }: Measurements,
  framework: string,
  name: string | undefined,
): number | undefined {
  const figure = name === undefined ? undefined : frameworks[framework]?.[name];
  return typeof figure === 'object' ? figure.measured : undefined;
}

/** How the figures came about. */
export function describeMachine({ node, processor, cores, ...rounds }: Machine): string {
  return `Node ${node} on ${cores} × ${processor}, median of ${rounds.rounds} rounds of ${rounds.secondsPerRound} s; a generated server with everything switched on, see bench/README.md`;
}
