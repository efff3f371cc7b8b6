type Schema = Record<string, unknown>;

/** A value that a JSON Schema accepts: enough of the vocabulary for schemas that describe structured output. */
export function exampleOf(schema: unknown, root: unknown = schema): unknown {
  if (!isObject(schema)) return {};
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  const [alternative] = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => asArray(schema[key]));
  if (alternative !== undefined) return exampleOf(alternative, root);
  if (typeof schema['$ref'] === 'string') return exampleOf(resolve(root, schema['$ref']), root);
  switch (asArray(schema['type'])[0] ?? schema['type']) {
    case 'array':
      return Array.from({ length: Math.max(1, numberOr(schema['minItems'], 1)) }, () =>
        exampleOf(schema['items'], root),
      );
    case 'string':
      return 'example'.padEnd(numberOr(schema['minLength'], 0), '.');
    case 'integer':
    case 'number':
      return Math.min(Math.max(1, numberOr(schema['minimum'], 1)), numberOr(schema['maximum'], 1));
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return Object.fromEntries(
        Object.entries(isObject(schema['properties']) ? schema['properties'] : {}).map(
          ([name, property]) => [name, exampleOf(property, root)],
        ),
      );
  }
}

function resolve(root: unknown, reference: string): unknown {
  return reference
    .replace(/^#\/?/u, '')
    .split('/')
    .filter((part) => part !== '')
    .reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), root);
}

function isObject(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
