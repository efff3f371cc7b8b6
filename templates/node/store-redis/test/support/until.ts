import { vi } from 'vitest';

/** However busy the machine is. */
const PATIENCE_MS = 30_000;

/** Waits for what is to happen. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, PATIENCE_MS);
}
