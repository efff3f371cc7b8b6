import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { findSchemaFault } from '../../src/template/check-schema.js';
import schema from '../../src/template/template.schema.json' with { type: 'json' };

const MANIFESTS: readonly unknown[] = [
  { name: 'a', layers: [] },
  { name: 'a', layers: [{ from: 'base', when: { store: ['memory', 'redis'], docker: true } }] },
  { name: 'a', layers: [], supports: { store: ['memory'] }, facts: [{ set: { port: 1 } }] },
  {
    name: 'a',
    layers: [],
    options: { x: { type: 'choice', label: 'X', choices: [{ value: 'y' }] } },
  },
  {},
  [],
  'text',
  null,
  { name: 'a' },
  { name: '', layers: [] },
  { name: 'A b', layers: [] },
  { name: 'a', layers: {} },
  { name: 'a', layers: [{}] },
  { name: 'a', layers: [{ from: '' }] },
  { name: 'a', layers: [{ from: 'b', whem: {} }] },
  { name: 'a', layers: [{ from: 'b', when: { x: 1 } }] },
  { name: 'a', layers: [{ from: 'b', when: { x: [1] } }] },
  { name: 'a', layers: [], supports: { store: [] } },
  { name: 'a', layers: [], supports: { store: ['disk'] } },
  { name: 'a', layers: [], options: { 'X y': { type: 'string', label: 'X' } } },
  { name: 'a', layers: [], options: { x: { type: 'string' } } },
  { name: 'a', layers: [], options: { x: { type: 'choice', label: 'X', choices: [] } } },
  { name: 'a', layers: [], extends: 'fastify' },
  { name: 'a', layers: [], facts: [{ when: {} }] },
];

describe('findSchemaFault', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);

  it.each(MANIFESTS.map((manifest) => [manifest]))(
    'agrees with an independent validator on %j',
    (manifest) => {
      const fault = findSchemaFault(schema, manifest);
      expect(fault === undefined).toBe(validate(manifest));
    },
  );
});
