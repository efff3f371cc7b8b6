import { describe, expect, it, vi } from 'vitest';
import { AdmissionGate, Overloaded } from '../../src/inference/admission-gate.js';

const patient = new AbortController().signal;

/** Enters, and says so in the list once it is in. */
function enter(gate: AdmissionGate, name: string, inside: string[], signal = patient) {
  return Promise.resolve(gate.enter(signal)).then(() => inside.push(name));
}

describe('the admission gate', () => {
  it('lets as many in as it has slots, without a wait', () => {
    const gate = new AdmissionGate(2, 1, vi.fn());
    expect([gate.enter(patient), gate.enter(patient)]).toEqual([undefined, undefined]);
    expect([gate.inProgress, gate.queued]).toEqual([2, 0]);
  });

  it('turns away whoever finds every place taken, and tells of it', async () => {
    const onShed = vi.fn();
    const gate = new AdmissionGate(1, 1, onShed);
    const inside: string[] = [];
    await enter(gate, 'first', inside);
    const second = enter(gate, 'second', inside);
    expect(() => gate.enter(patient)).toThrow(Overloaded);
    expect(onShed).toHaveBeenCalledOnce();
    gate.leave();
    await second;
    expect(inside).toEqual(['first', 'second']);
  });

  it('may have no place to wait at all', () => {
    const gate = new AdmissionGate(1, 0, vi.fn());
    void gate.enter(patient);
    expect(() => gate.enter(patient)).toThrow(Overloaded);
    gate.leave();
    expect(gate.enter(patient)).toBeUndefined();
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
    await expect(gate.enter(AbortSignal.abort(new Error('gone already')))).rejects.toThrow('gone');
    expect([gate.inProgress, gate.queued]).toEqual([1, 0]);
  });
});
