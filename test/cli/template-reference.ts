import schema from '../../src/template/template.schema.json' with { type: 'json' };

interface Node {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: Node | boolean;
  readonly required?: readonly string[];
  readonly $ref?: string;
}

/** Every key of template.json, in Markdown, from its schema. */
export function templateReference(): string {
  const rows = keysOf(schema, '').map((cells) => `| ${cells.join(' | ')} |`);
  return ['| Key | Value | |', '| --- | --- | --- |', ...rows].join('\n') + '\n';
}

function keysOf(node: Node, path: string): string[][] {
  const { properties = {}, required = [] } = node;
  return Object.entries(properties)
    .filter(([name]) => name !== '$schema')
    .flatMap(([name, property]) => {
      const here = path === '' ? name : `${path}.${name}`;
      const value = resolve(property);
      const must = required.includes(name) ? ' (required)' : '';
      const row = [`\`${here}\`${must}`, kindOf(value), value.description ?? ''];
      return [row.map((cell) => cell.replaceAll('|', String.raw`\|`)), ...membersOf(value, here)];
    });
}

/** What is inside of lists and maps; a condition is said once. */
function membersOf(node: Node, path: string): string[][] {
  if (path.endsWith('.when') || path === 'supports') return [];
  if (node.items) return keysOf(resolve(node.items), `${path}[]`);
  if (typeof node.additionalProperties === 'object') {
    return keysOf(resolve(node.additionalProperties), `${path}.<name>`);
  }
  return keysOf(node, path);
}

function kindOf({ type, enum: values }: Node): string {
  return values
    ? values.map((value) => `\`${JSON.stringify(value)}\``).join(', ')
    : [type ?? ''].flat().join(' or ');
}

function resolve(node: Node): Node {
  if (node.$ref === undefined) return node;
  const { $defs } = schema as { readonly $defs: Readonly<Record<string, Node>> };
  return $defs[node.$ref.slice('#/$defs/'.length)] ?? {};
}
