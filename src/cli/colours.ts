import type picocolors from 'picocolors';
import { wantsColour } from './terminal.js';

export type Colours = Readonly<
  Pick<ReturnType<typeof picocolors.createColors>, 'bold' | 'cyan' | 'dim' | 'green' | 'red'>
>;

const same = (text: unknown): string => String(text);

/** For everything that is not a terminal. */
export const PLAIN: Colours = { bold: same, cyan: same, dim: same, green: same, red: same };

/** Colours for a terminal that wants them. The library opens the output stream when it is loaded: only then, therefore. */
export async function openColours(fd: 1 | 2, environment: NodeJS.ProcessEnv): Promise<Colours> {
  if (!wantsColour(fd, environment)) return PLAIN;
  const { default: colours } = await import('picocolors');
  return colours.createColors(true);
}
