import type { Command } from '../plan/plan.js';

/** A command as it can be pasted into a shell. */
export function quoteCommand(command: Command): string {
  return command.map(quote).join(' ');
}

export function quote(argument: string): string {
  if (/^[\w@%+=:,./-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", String.raw`'\''`)}'`;
}
