import { fstatSync } from 'node:fs';

/**
 * Whether somebody is there to be asked: both ends are a terminal and no CI service runs us. The output is looked at first:
 * where nobody reads, the input is mostly a device, too, and has to be opened to tell which.
 */
export function canAsk(environment: NodeJS.ProcessEnv): boolean {
  const ci = environment.CI ?? '';
  const automated = ci !== '' && ci !== '0' && ci.toLowerCase() !== 'false';
  return !automated && isTerminal(1) && isTerminal(0);
}

/** Colours and moving text are for terminals that understand them. */
export function wantsColour(fd: 1 | 2, environment: NodeJS.ProcessEnv): boolean {
  const refused = (environment.NO_COLOR ?? '') !== '' || environment.TERM === 'dumb';
  return !refused && isTerminal(fd);
}

/** `process.stdout.isTTY` opens the stream, which takes a tenth of this program's start; so only when it can be true. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    if (!fstatSync(fd).isCharacterDevice()) return false;
  } catch {
    return false; // closed
  }
  return [process.stdin, process.stdout, process.stderr][fd]?.isTTY ?? false;
}
