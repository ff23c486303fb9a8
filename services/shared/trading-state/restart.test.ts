import { beforeEach, describe, expect, it } from 'vitest';
import { StateRecord } from '../../../test/harness/state-record.ts';
import { memoryJournal, startStates, stateCommand } from '../../../test/harness/trading-states.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';

let clock: VirtualClock;
let record: StateRecord;

beforeEach(() => {
  clock = virtualClock();
  record = new StateRecord(clock);
});

describe('a process that restarts', () => {
  it('starts halted by a row that it had read, although Postgres is unavailable', async () => {
    const journal = memoryJournal();
    const [before, kill] = startStates(clock, record, journal);
    record.byHand('Halted');
    await before.load();
    kill();
    record.unavailable = true;
    expect(startStates(clock, record, journal)[0].state).toBe('Halted');
  });

  it('does not revive a halt that its source has lifted meanwhile', async () => {
    const journal = memoryJournal();
    const [before, kill] = startStates(clock, record, journal);
    before.apply(stateCommand('Halted', 1));
    await clock.advance(1);
    kill();
    await record.setTradingState(stateCommand('Active', 2));
    const [states] = startStates(clock, record, journal);
    await states.load();
    await clock.advance(1_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Active', 'Active']);
  });

  it('does not revive an unsaved halt that its source has lifted elsewhere', async () => {
    const journal = memoryJournal();
    const [before, kill] = startStates(clock, record, journal);
    record.unavailable = true;
    before.apply(stateCommand('Halted', 1));
    kill();
    record.unavailable = false;
    await record.setTradingState(stateCommand('Active', 2));
    const [states] = startStates(clock, record, journal);
    await states.load();
    await clock.advance(1_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Active', 'Active']);
  });

  it('does not revive a halt by hand that a person has lifted by hand meanwhile', async () => {
    const journal = memoryJournal();
    const [before, kill] = startStates(clock, record, journal);
    record.byHand('Halted');
    await before.load();
    kill();
    await clock.advance(10);
    record.byHand('Active');
    const [states] = startStates(clock, record, journal);
    await states.load();
    await clock.advance(1_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Active', 'Active']);
  });

  it('does not revive a saved halt that a person has lifted by hand meanwhile', async () => {
    const journal = memoryJournal();
    const [before, kill] = startStates(clock, record, journal);
    await before.load();
    before.apply(stateCommand('Halted', 1));
    await clock.advance(10);
    kill();
    record.byHand('Active', 'spec');
    const [states] = startStates(clock, record, journal);
    await states.load();
    await clock.advance(1_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Active', 'Active']);
  });

  it('saves a halt that Postgres never had, also when the clock of Postgres is ahead', async () => {
    const journal = memoryJournal();
    const [before, kill] = startStates(clock, record, journal);
    record.rows = [{ ...stateCommand('Active', 7, 'command'), sinceMs: clock.nowMs() + 60_000 }];
    await before.load();
    record.unavailable = true;
    before.apply(stateCommand('Halted', 7, 'command'));
    kill();
    record.unavailable = false;
    const [states] = startStates(clock, record, journal);
    await states.load();
    expect(states.state).toBe('Halted');
    await clock.advance(1_000);
    await states.load();
    expect([states.state, record.rows[0]?.state]).toEqual(['Halted', 'Halted']);
  });
});
