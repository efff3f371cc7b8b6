import type { Command } from './plan.js';
import type { Facts } from '../template/manifest.js';

/** What a template's facts tell of the program that its projects are: how to know that it runs, and what it runs beside. */
export interface Service {
  readonly probes: { readonly live: string; readonly ready: string };
  /** Environment variables with the addresses of other services that it cannot do without. */
  readonly needs: readonly string[];
  /** Whether it serves the contract that all built-in templates serve. */
  readonly keepsContract: boolean;
  /** Starts it, and what works beside it, with nothing in between that keeps signals to itself. */
  readonly entry?: Command;
  readonly worker?: Command;
}

/** Undefined for a template that makes something else. */
export function readService(facts: Facts): Service | undefined {
  const { probes, services, contract, container, processes, commands } = facts;
  const live = member(probes, 'live');
  const ready = member(probes, 'ready');
  if (typeof live !== 'string' || typeof ready !== 'string') return undefined;
  const needs = Object.values(isObject(services) ? services : {}).flatMap((service) => {
    const variable = member(member(service, 'url'), 'variable');
    return typeof variable === 'string' ? [variable] : [];
  });
  const entry = words(member(container, 'entry')) ?? words(member(commands, 'start'));
  const worker = words(member(member(processes, 'worker'), 'command'));
  return {
    probes: { live, ready },
    needs,
    keepsContract: contract === true,
    ...(entry ? { entry } : {}),
    ...(worker ? { worker } : {}),
  };
}

function words(value: unknown): Command | undefined {
  return Array.isArray(value) ? value.map(String) : undefined;
}

function member(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isObject(value: unknown): value is Facts {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
