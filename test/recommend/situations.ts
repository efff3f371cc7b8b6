import type { Answers } from '../../src/options/option.js';

export interface Situation {
  readonly why: string;
  /** Where it differs from the defaults. */
  readonly requirements: Answers;
  /** The winner; several where an expert would not decide. */
  readonly expected: string;
}

/** What an expert who knows all four would say, before any figure is measured. */
export const SITUATIONS: readonly Situation[] = [
  {
    why: 'nothing speaks against the one with the least overhead',
    requirements: {},
    expected: 'fastify',
  },
  {
    why: 'streams on many replicas cost CPU, which it spends the least of',
    requirements: { serves: 'chat', scale: 'many-machines', 'runs-on': 'kubernetes' },
    expected: 'fastify',
  },
  {
    why: 'many short requests are mostly overhead',
    requirements: { serves: 'search', scale: 'many-machines', priority: 'throughput' },
    expected: 'fastify',
  },
  {
    why: 'throughput matters most, and nothing else does much',
    requirements: { priority: 'throughput' },
    expected: 'fastify',
  },
  {
    why: 'the team knows it, and it is quick',
    requirements: { 'team-knows': 'fastify' },
    expected: 'fastify',
  },
  {
    why: 'what the team knows is what it builds with fastest',
    requirements: { 'team-knows': 'fastify', priority: 'speed-of-building' },
    expected: 'fastify',
  },
  {
    why: 'schemas at every route, types and OpenAPI from them are what FastAPI taught',
    requirements: { 'team-knows': 'python', serves: 'chat' },
    expected: 'fastify',
  },
  {
    why: 'the same, where requests for each core matter',
    requirements: { 'team-knows': 'python', priority: 'throughput' },
    expected: 'fastify',
  },
  {
    why: 'a large team does not outweigh that latency matters most',
    requirements: { 'team-size': 'many' },
    expected: 'fastify',
  },
  {
    why: 'structure for a large team is what it is for',
    requirements: { priority: 'structure', 'team-size': 'many' },
    expected: 'nestjs',
  },
  {
    why: 'people of Spring are at home, and structure matters most',
    requirements: { 'team-knows': 'injection', priority: 'structure' },
    expected: 'nestjs',
  },
  {
    why: 'several teams, for years, on Kubernetes, with long jobs',
    requirements: {
      serves: 'jobs',
      scale: 'many-machines',
      priority: 'structure',
      'runs-on': 'kubernetes',
      'team-size': 'many',
    },
    expected: 'nestjs',
  },
  {
    why: 'the team knows it, and nothing forbids it',
    requirements: { 'team-knows': 'nestjs' },
    expected: 'nestjs',
  },
  {
    why: 'what the team knows is what it builds with fastest, however much there is to learn for others',
    requirements: { 'team-knows': 'nestjs', priority: 'speed-of-building' },
    expected: 'nestjs',
  },
  {
    why: 'people of Spring would like the one, latency the other',
    requirements: { 'team-knows': 'injection' },
    expected: 'nestjs, fastify',
  },
  {
    why: 'it starts in a moment and is made for such runtimes',
    requirements: { 'runs-on': 'serverless', priority: 'footprint' },
    expected: 'hono',
  },
  {
    why: 'other runtimes outweigh a little latency on Node',
    requirements: { 'runs-on': 'serverless', serves: 'chat' },
    expected: 'hono',
  },
  {
    why: 'a team of Workers and Deno knows its requests already',
    requirements: {
      'team-knows': 'web-standards',
      scale: 'prototype',
      priority: 'speed-of-building',
      lifetime: 'months',
    },
    expected: 'hono',
  },
  {
    why: 'the team knows it, though years speak for the older ones',
    requirements: { 'team-knows': 'hono' },
    expected: 'hono',
  },
  {
    why: 'the smallest, on a machine of one person, for a while',
    requirements: {
      priority: 'footprint',
      'runs-on': 'virtual-machine',
      'team-size': 'one',
      lifetime: 'months',
    },
    expected: 'hono',
  },
  {
    why: 'even a team of NestJS should not start its container with each request',
    requirements: { 'team-knows': 'nestjs', 'runs-on': 'serverless', priority: 'footprint' },
    expected: 'hono',
  },
  {
    why: 'a prototype by one person who knows it',
    requirements: {
      'team-knows': 'express',
      scale: 'prototype',
      priority: 'speed-of-building',
      'team-size': 'one',
      lifetime: 'months',
    },
    expected: 'express',
  },
  {
    why: 'the team knows it, and building fast matters most',
    requirements: { 'team-knows': 'express', priority: 'speed-of-building' },
    expected: 'express',
  },
  {
    why: 'the team knows it, for years, on a machine: boring is good',
    requirements: { 'team-knows': 'express', 'runs-on': 'virtual-machine' },
    expected: 'express',
  },
  {
    why: 'jobs run in the worker that all share: little is left to decide on',
    requirements: { serves: 'jobs', priority: 'speed-of-building' },
    expected: 'fastify, express',
  },
  {
    why: 'both are learned in an afternoon',
    requirements: {
      scale: 'prototype',
      priority: 'speed-of-building',
      'team-size': 'one',
      lifetime: 'months',
    },
    expected: 'hono, express',
  },
  {
    why: 'over years, schemas at every route pay back what is saved by learning nothing',
    requirements: { priority: 'speed-of-building' },
    expected: 'fastify',
  },
  {
    why: 'experience pulls one way, the runtime the other',
    requirements: {
      'team-knows': 'express',
      'runs-on': 'serverless',
      priority: 'speed-of-building',
    },
    expected: 'express, hono',
  },
];
