import type { When } from '../options/option.js';
import type { OPTIONS } from '../options/table.js';

/**
 * What a framework is recommended on: what counts, how much it counts in which situation, and how each framework does.
 * All of it is opinion but for what is measured. Whoever sees it otherwise changes a number or a sentence here;
 * test/recommend/situations.test.ts says what then has to be thought about.
 */

export interface Criterion {
  /** As the end of "counts for". */
  readonly label: string;
  /**
   * The figure of bench/results.json that the score is taken from once each framework has it. Of all figures less is
   * better: the least scores 5, and each fifth that another takes more costs a point.
   */
  readonly figure?: string;
  /** The figure in words, after its number. */
  readonly unit?: string;
}

export const CRITERIA = {
  latency: {
    label: 'time to the first byte',
    figure: 'firstByteMs',
    unit: 'ms of its own until the first byte of a stream',
  },
  throughput: {
    label: 'requests for each core',
    figure: 'proxiedCpuMicros',
    unit: 'µs of CPU for a proxied completion',
  },
  streaming: {
    label: 'streams for each core',
    figure: 'chunkCpuMicros',
    unit: 'µs of CPU for a chunk of a stream',
  },
  memory: { label: 'memory', figure: 'memoryMegabytes', unit: 'MB of memory after load' },
  start: { label: 'time to start', figure: 'startMs', unit: 'ms from start to first answer' },
  structure: { label: 'structure for many hands' },
  building: { label: 'speed of building' },
  ecosystem: { label: 'people and packages' },
  stability: { label: 'a long life' },
  portability: { label: 'other runtimes than Node' },
  'express-experience': { label: 'experience with Express' },
  'fastify-experience': { label: 'experience with Fastify' },
  'nestjs-experience': { label: 'experience with NestJS' },
  'hono-experience': { label: 'experience with Hono' },
  injection: { label: 'experience with modules and dependency injection' },
  'web-standards': { label: 'experience with Request and Response of the web' },
  'typed-routes': { label: 'schemas and types at every route' },
} as const satisfies Readonly<Record<string, Criterion>>;

export type CriterionName = keyof typeof CRITERIA;

/** How much each criterion counts. What is not named does not. */
export type Weights = Readonly<Partial<Record<CriterionName, number>>>;

type RequirementOption = Extract<(typeof OPTIONS)[number], { readonly scope: 'requirement' }>;

export type RequirementName = RequirementOption['name'];

type ForEachChoice<Value> = {
  readonly [Each in RequirementOption as Each['name']]: Readonly<
    Record<Each['choices'][number]['value'], Value>
  >;
};

/** What each answer makes count; the weights of all answers add up. */
export const WEIGHTS: ForEachChoice<Weights> = {
  serves: {
    chat: { streaming: 2, latency: 2 },
    jobs: { structure: 1, stability: 1 }, // jobs run in the worker, which all frameworks share
    search: { throughput: 3, latency: 1 },
    mixed: { throughput: 1, streaming: 1, latency: 1 },
  },
  scale: {
    prototype: { building: 3 },
    'one-machine': { throughput: 1, memory: 1 },
    'many-machines': { throughput: 2, structure: 1, start: 1 },
  },
  priority: {
    latency: { latency: 5 },
    throughput: { throughput: 5 },
    structure: { structure: 7 },
    footprint: { memory: 4, start: 4 },
    'speed-of-building': { building: 5 },
  },
  'team-knows': {
    none: {},
    express: { 'express-experience': 9 },
    fastify: { 'fastify-experience': 9 },
    nestjs: { 'nestjs-experience': 9 },
    hono: { 'hono-experience': 9 },
    injection: { injection: 7 },
    'web-standards': { 'web-standards': 6 },
    python: { 'typed-routes': 4 },
  },
  'runs-on': {
    container: { memory: 1 },
    kubernetes: { memory: 1, start: 1 },
    serverless: { portability: 4, start: 4 },
    'virtual-machine': { memory: 1, stability: 1 },
  },
  'team-size': {
    one: { building: 2 },
    few: { building: 1, structure: 1 },
    many: { structure: 5 },
  },
  lifetime: {
    months: { building: 1 },
    years: { stability: 2, ecosystem: 2, structure: 1, 'typed-routes': 1 },
  },
};

/** What is true in a situation, whichever framework is taken. */
export const CAUTIONS: readonly { readonly when: When; readonly text: string }[] = [
  {
    when: { serves: 'jobs' },
    text: 'Jobs run in a worker that is the same in every framework: the choice matters less than elsewhere.',
  },
  {
    when: { 'runs-on': 'serverless' },
    text: 'What is written is a process that listens, for services that run containers. Only routes can move to an edge runtime; jobs, Redis and the worker need Node.',
  },
  {
    when: { 'team-knows': 'python' },
    text: 'Every framework here is written in TypeScript: that language is new to the team whichever it takes.',
  },
];

/** From 0 to 5, and why. From 4 it speaks for the framework, to 2 against it. */
export type Fact = readonly [score: number, because: string];

/** How each framework does. Where figures are measured, they take the place of score and sentence. */
export const FACTS: Readonly<Record<string, Readonly<Record<CriterionName, Fact>>>> = {
  fastify: {
    latency: [5, 'Little lies between the socket and the handler.'],
    throughput: [
      5,
      'Finds routes in a radix tree and compiles its hooks: among the least overhead on Node.',
    ],
    streaming: [5, 'Frames of a stream go to Node’s own response.'],
    memory: [4, 'Holds a compiled checker for every route, and little else.'],
    start: [3, 'Loads its plugins one after the other.'],
    structure: [
      3,
      'Plugins have borders that are enforced, but where a feature belongs is for the team to agree on.',
    ],
    building: [4, 'A route is a schema and a function; encapsulation has to be understood once.'],
    ecosystem: [4, 'Its core team keeps the plugins for whatever is common.'],
    stability: [
      4,
      'A project of the OpenJS Foundation, with long-term support for every major version.',
    ],
    portability: [1, 'Needs Node’s own HTTP server; elsewhere it runs by way of adapters.'],
    'express-experience': [
      2,
      'Plugins and hooks take the place of the middleware that the team knows.',
    ],
    'fastify-experience': [5, 'The team knows it.'],
    'nestjs-experience': [2, 'Brings no modules or injection; NestJS runs on it, though.'],
    'hono-experience': [
      3,
      'Schemas at routes are familiar; contexts and Web requests are not there.',
    ],
    injection: [2, 'Decorates instances instead of injecting classes.'],
    'web-standards': [2, 'Has requests and replies of its own, not those of the web.'],
    'typed-routes': [5, 'Every route has a schema that checks, types and documents it.'],
  },
  express: {
    latency: [4, 'Only a short chain of functions lies between the socket and the handler.'],
    throughput: [3, 'Tries routes one after the other, and runs all middleware for each request.'],
    streaming: [5, 'Frames of a stream go to Node’s own response.'],
    memory: [4, 'Small, and holds nothing for each route.'],
    start: [4, 'Has little to set up before it listens.'],
    structure: [1, 'Leaves all structure to whoever writes it.'],
    building: [5, 'There is almost nothing to learn, and an example of everything.'],
    ecosystem: [
      5,
      'Nearly everybody who writes for Node knows it, and everything has a package for it.',
    ],
    stability: [5, 'Hardly changed in fifteen years, and a project of the OpenJS Foundation.'],
    portability: [1, 'Needs Node’s own HTTP server; elsewhere it runs by way of adapters.'],
    'express-experience': [5, 'The team knows it.'],
    'fastify-experience': [3, 'Easy to learn from Fastify; schemas at routes have to be given up.'],
    'nestjs-experience': [2, 'NestJS runs on it by default, but it has no modules or injection.'],
    'hono-experience': [3, 'Middleware is familiar; inferred types are not there.'],
    injection: [1, 'Has neither modules nor injection.'],
    'web-standards': [2, 'Has requests and responses of Node, not of the web.'],
    'typed-routes': [1, 'Schemas are the handler’s own affair; types do not follow from them.'],
  },
  nestjs: {
    latency: [3, 'Guards, pipes and interceptors lie between the socket and the handler.'],
    throughput: [
      3,
      'Guards, pipes and interceptors run for each request, on top of the HTTP framework below.',
    ],
    streaming: [4, 'Frames of a stream go to the response below, past most of the framework.'],
    memory: [2, 'Keeps its container, and metadata for every class.'],
    start: [1, 'Loads much, and resolves its container before it listens.'],
    structure: [5, 'Modules, providers and guards have one place each, whoever writes them.'],
    building: [
      2,
      'Much to learn, and several classes for a feature; its command line writes some of them.',
    ],
    ecosystem: [4, 'Has modules of its own for queues, configuration, health and documentation.'],
    stability: [
      4,
      'Old and widely used in companies; its major versions come with guides to move.',
    ],
    portability: [0, 'Needs Node, decorators’ metadata and an HTTP framework below.'],
    'express-experience': [2, 'Express may run below, but modules and injection are new.'],
    'fastify-experience': [2, 'Fastify may run below, but modules and injection are new.'],
    'nestjs-experience': [5, 'The team knows it.'],
    'hono-experience': [1, 'Classes and decorators are the opposite of what the team knows.'],
    injection: [5, 'Modules, injection and decorators work as in Spring, ASP.NET and Angular.'],
    'web-standards': [1, 'Classes and decorators are far from handlers of Web requests.'],
    'typed-routes': [3, 'Classes describe what goes in and out, and decorators document it.'],
  },
  hono: {
    latency: [4, 'Little lies before the handler, besides making a Web request of Node’s.'],
    throughput: [4, 'A quick router; on Node, Web requests and responses are made of Node’s own.'],
    streaming: [4, 'On Node, streams of the web are turned into Node’s.'],
    memory: [5, 'Has no dependencies, and a core of a few kilobytes.'],
    start: [5, 'Loads in a moment: made for runtimes that start with each request.'],
    structure: [2, 'Routers can be nested; everything else is for the team to agree on.'],
    building: [5, 'Types follow from the routes, to the client too, with little to learn.'],
    ecosystem: [
      3,
      'Brings most middleware itself; fewer people know it, and packages for Node assume others.',
    ],
    stability: [3, 'Young, and moves fast within its major version.'],
    portability: [
      5,
      'Routes use what the web defines, and run on Workers, Deno, Bun and Lambda too.',
    ],
    'express-experience': [3, 'Middleware and routers look alike, on Web requests.'],
    'fastify-experience': [3, 'Schemas at routes stay; plugins and hooks become middleware.'],
    'nestjs-experience': [1, 'Has no modules or injection, and wants none.'],
    'hono-experience': [5, 'The team knows it.'],
    injection: [1, 'Has no modules or injection, and wants none.'],
    'web-standards': [5, 'Request and Response are the ones that the team knows.'],
    'typed-routes': [
      4,
      'Routes that are described check, type and document themselves; it is an extension.',
    ],
  },
};
