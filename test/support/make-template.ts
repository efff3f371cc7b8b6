import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Writes a folder of files: text as it is, everything else as JSON; paths that end in `.sh` become executable. */
export function writeFolder(folder: string, files: Readonly<Record<string, unknown>>): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
    if (path.endsWith('.sh')) chmodSync(file, 0o755);
  }
  return folder;
}
