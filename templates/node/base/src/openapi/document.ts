import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { errorBody } from '../http/job-schemas.js';
import { PROBLEM_TYPE, type Problem } from '../http/problem.js';
import type { Task } from '../inference/task.js';
import type { Service } from '../service.js';
import {
  HEADERS,
  JOB_ENDED,
  listOperations,
  type HeaderName,
  type Operation,
  type ResponseSpec,
} from './operations.js';

type Fields = Record<string, unknown>;

/** An OpenAPI 3.1 document: https://spec.openapis.org/oas/v3.1.1.html */
export interface OpenApiDocument extends Fields {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Record<string, Fields>;
}

const problemBody = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string(),
    error: errorBody,
  } satisfies Record<keyof Problem, z.ZodType>)
  .meta({ id: 'Problem', description: 'RFC 9457, with the `error` object of the OpenAI API.' });

/** Describes the whole HTTP contract, from the schemas that check it. */
export function createOpenApiDocument(
  { name, version }: Service,
  tasks: Iterable<Task>,
): OpenApiDocument {
  const schemas = new SchemaComponents();
  const paths: Record<string, Fields> = {};
  for (const operation of listOperations(tasks)) {
    paths[operation.path] = {
      ...paths[operation.path],
      [operation.method]: describeOperation(operation, schemas),
    };
  }
  return {
    openapi: '3.1.1',
    info: { title: name, version },
    servers: [{ url: '/' }],
    paths,
    webhooks: { [JOB_ENDED.id]: { post: describeOperation(JOB_ENDED, schemas, 'output') } },
    components: {
      schemas: schemas.all,
      securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'An API key.' } },
    },
  };
}

/** Collects schemas that have an id, so that each stands in the document once. */
class SchemaComponents {
  readonly #found = new Map<string, unknown>();

  get all(): Fields {
    return Object.fromEntries([...this.#found].sort(([a], [b]) => a.localeCompare(b)));
  }

  describe(schema: z.ZodType, io: 'input' | 'output'): unknown {
    // Within an object, every schema with an id comes out as a reference.
    const wrapped = z.toJSONSchema(z.object({ schema }), { io, unrepresentable: 'any' });
    const text = JSON.stringify(wrapped).replaceAll('#/$defs/', '#/components/schemas/');
    const { properties, $defs = {} } = JSON.parse(text) as {
      properties: { schema: unknown };
      $defs?: Fields;
    };
    for (const [name, definition] of Object.entries($defs)) {
      const { id, ...component } = definition as Fields;
      this.#found.set(name, component);
    }
    return properties.schema;
  }
}

/** @param bodyIs whether the body is what this service takes, or what it gives */
function describeOperation(
  operation: Operation,
  schemas: SchemaComponents,
  bodyIs: 'input' | 'output' = 'input',
): Fields {
  const { id, tag, summary, body, responses } = operation;
  const needsKey = operation.path.startsWith('/v1/');
  const problems = needsKey ? [401, ...operation.problems] : operation.problems;
  const parameters = describeParameters(operation, schemas);
  const answers = Object.entries(responses).map(([status, response]) => [
    status,
    describeResponse(response, schemas),
  ]);
  const failures = problems.map((status) => [status, describeProblem(status, schemas)]);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(needsKey && { security: [{ apiKey: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemas.describe(body, bodyIs) } },
      },
    }),
    responses: Object.fromEntries([...answers, ...failures]) as Fields,
  };
}

function describeParameters(
  { path, query, requestHeaders = [] }: Operation,
  schemas: SchemaComponents,
): readonly Fields[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    schema: schemas.describe(schema as z.ZodType, 'input'),
  }));
  const inHeader = requestHeaders.map((name) => ({ name, in: 'header', ...describeHeader(name) }));
  return [...inPath, ...inQuery, ...inHeader];
}

function describeHeader(name: HeaderName): Fields {
  return { description: HEADERS[name], schema: { type: 'string' } };
}

function describeResponse(
  { description, headers = [], content = {} }: ResponseSpec,
  schemas: SchemaComponents,
): Fields {
  const media = Object.entries(content).map(([type, schema]) => [
    type,
    { schema: schema === null ? {} : schemas.describe(schema, 'output') },
  ]);
  return {
    description,
    ...(headers.length > 0 && {
      headers: Object.fromEntries(headers.map((name) => [name, describeHeader(name)])),
    }),
    ...(media.length > 0 && { content: Object.fromEntries(media) }),
  };
}

function describeProblem(status: number, schemas: SchemaComponents): Fields {
  return {
    description: STATUS_CODES[status] ?? 'Problem',
    content: { [PROBLEM_TYPE]: { schema: schemas.describe(problemBody, 'output') } },
  };
}
