/**
 * The package manager that started this process, e.g. `pnpm` for `pnpm create ai-backend`.
 * All of them announce themselves as `<name>/<version> …` in npm_config_user_agent.
 */
export function detectPackageManager(userAgent: string | undefined): string | undefined {
  return userAgent?.split('/', 1)[0];
}
