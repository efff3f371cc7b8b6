import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { moveSync } from 'fs-extra/esm';

type Undo = () => void;

/**
 * Moves everything under `staged` into a directory that exists, the largest pieces first. Files that are in the way are
 * kept in `backup` until the end. When a move fails, all that went before is taken back and the error is thrown.
 */
export function moveInto(staged: string, directory: string, backup: string): void {
  const undo: Undo[] = [];
  try {
    for (const name of readdirSync(staged).sort()) {
      moveEntry(join(staged, name), join(directory, name), join(backup, name), undo);
    }
  } catch (error) {
    for (const step of undo.reverse()) step();
    throw error;
  }
}

function moveEntry(from: string, to: string, backup: string, undo: Undo[]): void {
  if (isFolder(from) && isFolder(to)) {
    for (const name of readdirSync(from).sort()) {
      moveEntry(join(from, name), join(to, name), join(backup, name), undo);
    }
    return;
  }
  if (existsSync(to)) move(to, backup, undo);
  move(from, to, undo);
}

function move(from: string, to: string, undo: Undo[]): void {
  moveSync(from, to);
  undo.push(() => {
    moveSync(to, from);
  });
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
