import { describe, expect, it, vi } from 'vitest';
import { AdmissionGate, Overloaded } from '../../src/inference/admission-gate.js';

const patient = new AbortController().signal;

/** Enters, and says so in the list once it is in. */
function enter(gate: AdmissionGate, name: string, inside: string[], signal = patient) {
  return Promise.resolve(gate.enter(signal, 'acme')).then(() => inside.push(name));
}

describe('the admission gate', () => {
  it('lets as many in as it has slots, without a wait', () => {
    const gate = new AdmissionGate(2, 1, vi.fn());
    expect([gate.enter(patient, 'acme'), gate.enter(patient, 'acme')]).toEqual([
      undefined,
      undefined,
    ]);
    expect([gate.inProgress, gate.queued]).toEqual([2, 0]);
  });

  it('turns away whoever finds every place taken, and tells of it', async () => {
    const onShed = vi.fn();
    const gate = new AdmissionGate(1, 1, onShed);
    const inside: string[] = [];
    await enter(gate, 'first', inside);
    const second = enter(gate, 'second', inside);
    expect(() => gate.enter(patient, 'acme')).toThrow(Overloaded);
    expect(onShed).toHaveBeenCalledOnce();
    gate.leave();
    await second;
    expect(inside).toEqual(['first', 'second']);
  });

  it('may have no place to wait at all', () => {
    const gate = new AdmissionGate(1, 0, vi.fn());
    void gate.enter(patient, 'acme');
    expect(() => gate.enter(patient, 'acme')).toThrow(Overloaded);
    gate.leave();
    expect(gate.enter(patient, 'acme')).toBeUndefined();
  });

  it('serves who came first, first', async () => {
    const gate = new AdmissionGate(1, 10, vi.fn());
    const inside: string[] = [];
    const all = ['a', 'b', 'c', 'd'].map((name) => enter(gate, name, inside));
    for (const one of all) {
      await one;
      gate.leave();
    }
    expect(inside).toEqual(['a', 'b', 'c', 'd']);
    expect([gate.inProgress, gate.queued]).toEqual([0, 0]);
  });

  it('serves tenants in turn', async () => {
    const gate = new AdmissionGate(1, 20, vi.fn());
    const inside: string[] = [];
    const wait = (tenant: string, name: string) =>
      Promise.resolve(gate.enter(patient, tenant)).then(() => inside.push(name));
    await wait('acme', 'a0');
    const all = ['a1', 'a2', 'a3'].map((name) => wait('acme', name));
    all.push(...['g1', 'g2'].map((name) => wait('globex', name)));
    for (let left = all.length; left >= 0; left -= 1) {
      gate.leave();
      await Promise.resolve();
    }
    await Promise.all(all);
    expect(inside).toEqual(['a0', 'a1', 'g1', 'a2', 'g2', 'a3']);
    expect([gate.inProgress, gate.queued]).toEqual([0, 0]);
  });

  it('leaves places beside those of one tenant', () => {
    const gate = new AdmissionGate(1, 20, vi.fn());
    const wait = (tenant: string) => void gate.enter(new AbortController().signal, tenant);
    for (let come = 0; come <= 18; come += 1) wait('acme');
    expect(() => gate.enter(patient, 'acme')).toThrow(Overloaded);
    wait('globex');
    expect(gate.queued).toBe(19);
  });

  it('forgets who leaves while waiting', async () => {
    const gate = new AdmissionGate(1, 2, vi.fn());
    const inside: string[] = [];
    const leaver = new AbortController();
    await enter(gate, 'a', inside);
    const left = enter(gate, 'left', inside, leaver.signal);
    const last = enter(gate, 'last', inside);
    leaver.abort(new Error('gone'));
    await expect(left).rejects.toThrow('gone');
    expect(gate.queued).toBe(1);
    gate.leave();
    await last;
    expect(inside).toEqual(['a', 'last']);
    const gone = AbortSignal.abort(new Error('gone already'));
    await expect(gate.enter(gone, 'acme')).rejects.toThrow('gone');
    expect([gate.inProgress, gate.queued]).toEqual([1, 0]);
  });
});
