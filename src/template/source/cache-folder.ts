import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where this system keeps what can be fetched again. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  return join(platformFolder(environment, platform), 'create-ai-backend');
}

function platformFolder(environment: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  const home = homeFolder(environment, platform);
  if (platform === 'darwin') return join(home, 'Library', 'Caches');
  const named = platform === 'win32' ? environment['LOCALAPPDATA'] : environment['XDG_CACHE_HOME'];
  if (named !== undefined && isAbsolute(named)) return named; // a relative one is to be ignored, says XDG
  return platform === 'win32' ? join(home, 'AppData', 'Local') : join(home, '.cache');
}

export function homeFolder(
  environment: NodeJS.ProcessEnv,
  platform: NodeJS.Platform = process.platform,
): string {
  const home = environment[platform === 'win32' ? 'USERPROFILE' : 'HOME'];
  return home === undefined || home === '' ? homedir() : home;
}
