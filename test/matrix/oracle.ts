/**
 * What may be asked for, and what must be refused, written down by hand: nothing here is read from the generator or its
 * templates, so that a mistake there does not hide itself.
 */

/** One answer to each question; undefined where the question is not answered. */
export type Combination = Readonly<Record<string, string | undefined>>;

export const VALUES: Readonly<Record<string, readonly (string | undefined)[]>> = {
  framework: ['fastify', 'express', 'nestjs', 'hono'],
  adapter: [undefined, 'fastify', 'express'],
  store: ['memory', 'redis'],
  provider: ['mock', 'openai', 'anthropic'],
  'package-manager': ['npm', 'pnpm', 'yarn', 'bun'],
  ci: ['github', 'gitlab', 'none'],
  docker: ['yes', 'no'],
};

interface Rule {
  readonly forbids: (combination: Combination) => boolean;
  /** What the refusal says. */
  readonly refusal: RegExp;
}

/** In the order in which they are looked at: a combination that breaks several is refused by the first. */
const RULES: readonly Rule[] = [
  {
    forbids: ({ framework, adapter }) => framework !== 'nestjs' && adapter !== undefined,
    refusal: /has no option "adapter"/,
  },
  {
    forbids: ({ ci }) => ci === 'gitlab',
    refusal: /"gitlab" is not a valid value for --ci\. Valid: github, none/,
  },
];

/** @returns what the refusal has to say; undefined where the combination is valid */
export function judge(combination: Combination): RegExp | undefined {
  return RULES.find(({ forbids }) => forbids(combination))?.refusal;
}

/** Every combination of the values, valid or not. */
export function everyCombination(): readonly Combination[] {
  return Object.entries(VALUES).reduce<readonly Combination[]>(
    (combinations, [name, values]) =>
      combinations.flatMap((combination) =>
        values.map((value) => ({ ...combination, [name]: value })),
      ),
    [{}],
  );
}

export function describeCombination(combination: Combination): string {
  return Object.entries(combination)
    .flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))
    .join(' ');
}

/**
 * Packages that no file imports, each with who loads it. Whatever else is declared and not imported is unused.
 */
export const LOADED_BY_OTHERS: Readonly<Record<string, string>> = {
  '@fastify/static': 'SwaggerModule of @nestjs/swagger, on Fastify',
  '@types/node': 'the compiler',
  '@types/express': 'the compiler',
  eslint: 'the script lint',
  'openapi-types': 'the types of fastify-type-provider-zod, whose peer it is',
  rxjs: '@nestjs/core, whose peer it is',
  prettier: 'the scripts lint and format',
  'tsc-watch': 'the script dev',
  typescript: 'the scripts build, dev and typecheck',
  vitest: 'the script test',
};

/** What all four frameworks share to the byte: what a user takes along who moves from one to another. */
export const SHARED_BY_FRAMEWORKS: readonly RegExp[] = [
  /^src\/tasks\//,
  /^src\/(access|inference|jobs|models|providers|store|telemetry|webhooks)\//,
  /^src\/(backend|config|environment|errors|json|lifecycle|main|run-process)\.ts$/,
  /^test\/(access|http|inference|jobs|models|providers|store|telemetry|webhooks)\//,
  /^(models\.json|\.env\.example|eslint\.config\.js|vitest\.config\.ts|\.prettierrc\.json|\.nvmrc)$/,
];
