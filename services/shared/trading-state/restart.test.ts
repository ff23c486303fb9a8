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

it('a state counts as on the disk only once it is written, and a failed write fails the check', async () => {
  let problem: Error | undefined;
  const journal = {
    read: () => [],
    write: async () => {
      await clock.sleep(10);
      if (problem !== undefined) throw problem;
    },
  };
  const [states] = startStates(clock, record, journal);
  await states.load();
  record.unavailable = true;
  states.apply(stateCommand('Halted'));
  expect(states.status()).toMatchObject({ persisted: false, journaled: false });
  await clock.advance(10);
  expect(states.status()).toMatchObject({ persisted: false, journaled: true });
  problem = new Error('ENOSPC');
  states.apply(stateCommand('Active', 2));
  await clock.advance(10);
  expect(states.status().journaled).toBe(false);
  expect(states.checkJournal()).toMatchObject({ ok: false, reason: 'JournalFailing', message: 'ENOSPC' });
  problem = undefined;
  states.apply(stateCommand('Halted', 3));
  await clock.advance(10);
  expect([states.status().journaled, states.checkJournal().ok]).toEqual([true, true]);
});

it('a process without a journal does not say that the disk has its states', () => {
  expect(startStates(clock, record)[0].status()).not.toHaveProperty('journaled');
});

it('a halt that could not be saved gives way to its lift, which another process saved meanwhile', async () => {
  const [execution] = startStates(clock, record, memoryJournal());
  const [risk] = startStates(clock, record);
  await Promise.all([execution.load(), risk.load()]);
  record.unavailable = true;
  execution.apply(stateCommand('Halted', 1, 'command'));
  risk.apply(stateCommand('Halted', 1, 'command'));
  await clock.advance(700);
  record.unavailable = false;
  await record.setTradingState(stateCommand('Active', 2, 'command'));
  await clock.advance(2_000);
  await Promise.all([execution.load(), risk.load()]);
  expect([execution.state, risk.state]).toEqual(['Active', 'Active']);
  expect(await record.readTradingStates()).toMatchObject([{ source: 'command', state: 'Active', revision: 2 }]);
});

it('a halt whose save waits in the database does not follow its lift, which another process saves meanwhile', async () => {
  const [execution] = startStates(clock, record);
  const [risk] = startStates(clock, record);
  await Promise.all([execution.load(), risk.load()]);
  record.statementMs = 1_000;
  execution.apply(stateCommand('Halted', 1, 'command'));
  await clock.advance(100);
  record.statementMs = 0;
  risk.apply(stateCommand('Active', 2, 'command'));
  await clock.advance(2_000);
  await Promise.all([execution.load(), risk.load()]);
  expect([execution.state, risk.state]).toEqual(['Active', 'Active']);
  expect(record.rows).toMatchObject([{ source: 'command', state: 'Active', revision: 2 }]);
});
