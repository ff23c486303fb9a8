import { beforeEach, describe, expect, it } from 'vitest';
import { StateRecord } from '../../../test/harness/state-record.ts';
import { memoryJournal, startStates, stateCommand } from '../../../test/harness/trading-states.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import type { StateCommand, TradingState } from '../domain/trading-state.ts';
import type { TradingStates } from './trading-states.ts';

/** A halt that a person gave to another process, and that Postgres does not have. */
const HALT = stateCommand('Halted', 5, 'command');
const COPY = { ...HALT, copied: true };
let clock: VirtualClock;
let record: StateRecord;

beforeEach(() => {
  clock = virtualClock();
  record = new StateRecord(clock);
});

const row = (command: StateCommand) => ({ ...command, sinceMs: 1 });
const lift = (revision: number) => stateCommand('Active', revision, 'command');

async function settled(states: TradingStates): Promise<unknown> {
  await clock.advance(2_000);
  await states.load();
  return [states.state, record.rows[0]?.state];
}

describe('a copy of a request', () => {
  it.each<[string, StateCommand | undefined, boolean, TradingState]>([
    ['is taken by a process without the source', undefined, true, 'Halted'],
    ['is taken over an older lift', lift(4), true, 'Halted'],
    ['is refused after its lift with the same revision', lift(5), false, 'Active'],
    ['is refused after its lift with a higher revision', lift(6), false, 'Active'],
    [
      'is refused after a weaker request with a higher revision',
      stateCommand('Reducing', 6, 'command'),
      false,
      'Reducing',
    ],
    ['is taken over a weaker request with a lower revision', stateCommand('Reducing', 4, 'command'), true, 'Halted'],
    ['changes nothing in a process that has it', HALT, true, 'Halted'],
    ['changes nothing in a process that has a newer one of the same state', { ...HALT, revision: 6 }, true, 'Halted'],
  ])('%s', async (_title, known, accepted, state) => {
    record.rows = known === undefined ? [] : [row(known)];
    const [states] = startStates(clock, record);
    await states.load();
    const applied = states.apply(COPY);
    expect([applied.accepted, states.state]).toEqual([accepted, state]);
    expect(applied.reason).toBe(accepted ? '' : `revision 5 is not above ${known?.revision}`);
    expect(states.sources[0]?.revision).toBe(Math.max(known?.revision ?? 0, accepted ? 5 : 0));
    expect(await settled(states)).toEqual([state, state]);
  });

  it('differs from the command itself, which restricts whatever its revision', async () => {
    record.rows = [row(lift(6))];
    const [states] = startStates(clock, record);
    await states.load();
    expect(states.apply({ ...HALT, copied: false }).accepted).toBe(true);
    expect(await settled(states)).toEqual(['Halted', 'Halted']);
  });

  it('is refused by a process that knows the lift from its journal only', async () => {
    const journal = memoryJournal();
    await journal.write([{ ...row(lift(6)), saved: false }]);
    record.unavailable = true;
    const [states] = startStates(clock, record, journal);
    expect(states.apply(COPY).accepted).toBe(false);
  });

  it.each<[string, StateCommand | undefined, TradingState]>([
    ['stays when the record does not have the source', undefined, 'Halted'],
    ['stays when the record has an older lift', lift(4), 'Halted'],
    ['gives way to a newer lift in the record', lift(6), 'Active'],
  ])('that comes before the first read of the record %s', async (_title, known, state) => {
    record.rows = known === undefined ? [] : [row(known)];
    record.unavailable = true;
    const [states] = startStates(clock, record);
    states.apply(COPY);
    expect(states.state).toBe('Halted');
    record.unavailable = false;
    expect(await settled(states)).toEqual([state, state]);
  });

  it('takes no precedence from a command that came before the first read of the record', async () => {
    record.rows = [row(lift(6))];
    record.unavailable = true;
    const [states] = startStates(clock, record);
    states.apply({ ...HALT, revision: 3 });
    states.apply(COPY);
    record.unavailable = false;
    expect(await settled(states)).toEqual(['Halted', 'Halted']);
  });

  it('is not saved over a lift that the process has not read yet', async () => {
    const [states] = startStates(clock, record);
    await states.load();
    record.rows = [row(lift(6))];
    states.apply(COPY);
    expect(await settled(states)).toEqual(['Active', 'Active']);
    expect(record.rows[0]?.revision).toBe(6);
  });

  it('is reported and kept like the command, without the mark', async () => {
    const journal = memoryJournal();
    const [states] = startStates(clock, record, journal);
    await states.load();
    states.apply(COPY);
    await clock.advance(1);
    expect(states.status().sources).toEqual([{ ...HALT, sinceMs: expect.any(Number) }]);
    expect(journal.read()).toEqual([{ ...HALT, sinceMs: expect.any(Number), saved: true }]);
    expect(record.rows).toEqual([{ ...HALT, sinceMs: expect.any(Number) }]);
  });
});
