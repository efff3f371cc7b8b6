import type { Redis } from 'ioredis';

type Script = (...args: readonly (string | number)[]) => Promise<unknown>;
export type Scripts<Name extends string> = Readonly<Record<Name, Script>>;

/**
 * Lua scripts as functions. Each is one step: nothing comes between its commands. They name keys that they find on the
 * way, which all lie on one server.
 */
export function defineScripts<Name extends string>(
  redis: Redis,
  scripts: Readonly<Record<Name, string>>,
): Scripts<Name> {
  const functions = Object.entries<string>(scripts).map(([name, lua]) => {
    redis.defineCommand(name, { lua, numberOfKeys: 0 });
    const commands = redis as unknown as Record<string, Script>;
    return [name, commands[name]?.bind(redis)];
  });
  return Object.fromEntries(functions) as Scripts<Name>;
}
