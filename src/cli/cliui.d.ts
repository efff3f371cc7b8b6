/** The layout half of yargs, which brings no types: what is used of it. */
declare module 'cliui' {
  interface Column {
    readonly text: string;
    readonly width?: number;
    /** Top, right, bottom, left. */
    readonly padding?: readonly [number, number, number, number];
  }
  interface Layout {
    div(...columns: readonly (string | Column)[]): void;
    toString(): string;
  }
  export default function cliui(options: {
    readonly width: number;
    readonly wrap: boolean;
  }): Layout;
}
