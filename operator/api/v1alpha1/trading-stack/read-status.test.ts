import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningStack } from '../../../../test/fixtures/reconciled-stack.ts';
import { readStatus } from './read-status.ts';
import { tradingStackStatus } from './status.ts';

const { status } = runningStack().stack;

describe('readStatus', () => {
  it('returns a whole status unchanged', () => {
    expect(readStatus(status)).toEqual(status);
  });

  it('reads an object once, and another with other fields again', () => {
    expect(readStatus(status)).toBe(readStatus(status));
    expect(readStatus({ ...status, ready: '1/7' }).ready).toBe('1/7');
    expect(readStatus(undefined)).toEqual({});
  });

  it('drops a tier without gates, and keeps the others', () => {
    const tiers = (status.tiers ?? []).map((tier, index) => (index === 1 ? { ...tier, gates: undefined } : tier));
    const read = readStatus({ ...status, tiers });
    expect(read.tiers?.map(({ name }) => name)).toEqual(['foundation', 'data', 'strategy', 'risk', 'execution']);
    expect(read.execution).toEqual(status.execution);
  });

  it('drops a field of the wrong type or with a value of a later version, and keeps the rest', () => {
    const read = readStatus({ ...status, phase: 'Paused', ready: 7, execution: 'blue' });
    const { phase: _phase, ready: _ready, execution: _execution, ...rest } = status;
    expect(read).toEqual(rest);
  });

  describe('of the sender', () => {
    const startedAt = '2026-01-01T00:00:00.000Z';
    const green = { to: 'red', epoch: 12, startedAt };
    const blue = { to: 'blue', epoch: 9, startedAt };

    it.each<[string, unknown, unknown]>([
      ['an unknown colour', { active: 'red', epoch: 12 }, { active: 'Unknown', epoch: 12 }],
      [
        'an unknown colour and its activation',
        { active: 'red', epoch: 12, transition: green },
        { active: 'Unknown', epoch: 12 },
      ],
      [
        'an activation of an unknown colour',
        { active: 'blue', epoch: 11, transition: green },
        { active: 'blue', epoch: 12 },
      ],
      [
        'an activation in which only the epoch is readable',
        { transition: { epoch: 12 } },
        { active: 'Unknown', epoch: 12 },
      ],
      [
        'an unreadable epoch',
        { active: 'blue', epoch: 'seven', transition: blue },
        { active: 'blue', epoch: 0, transition: blue },
      ],
      ['nothing readable', { active: 'red', epoch: -1, transition: 'x' }, undefined],
    ])('keeps the colour and the highest epoch: %s', (_what, execution, expected) => {
      expect(readStatus({ ...status, execution }).execution).toEqual(expected);
    });
  });

  describe('of the trading state', () => {
    const since = '2026-01-01T00:00:00.000Z';
    const halt = {
      source: 'spec',
      state: 'Halted',
      author: 'ada',
      reason: '',
      revision: 3,
      since,
      unsaved: true,
      unshown: true,
    };
    const paused = { ...halt, source: 'breaker', state: 'Paused' };
    const trading = { state: 'Halted', requested: 'Halted', since, sources: [halt] };

    it.each<[string, object, object]>([
      ['an entry with a state of a later version', { sources: [paused, halt, 7] }, trading],
      ['an observed state of a later version', { state: 'Paused' }, { ...trading, state: 'Unknown' }],
      ['a requested state of a later version', { requested: 'Paused' }, trading],
      ['no time', { since: 7 }, { ...trading, since: '1970-01-01T00:00:00.000Z' }],
      ['what is not text', { ignored: 7 }, trading],
      ['no list', { sources: 'none' }, { ...trading, sources: [] }],
    ])('keeps every request that is readable beside %s', (_what, change, expected) => {
      expect(readStatus({ ...status, trading: { ...trading, ...change } }).trading).toEqual(expected);
    });
  });

  it('keeps what is readable of a halt and of a release', () => {
    const read = readStatus({ ...status, halt: { active: true, by: 7 }, release: { desired: 'a', current: 7 } });
    expect(read).toMatchObject({ halt: { active: true }, release: { desired: 'a' } });
    expect(read.halt).not.toHaveProperty('by');
  });

  it('ignores fields of a later version', () => {
    const execution = { ...status.execution, shadow: { enabled: true } };
    expect(readStatus({ ...status, execution, plan: [] })).toEqual(status);
  });

  it('returns a valid status for anything', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(tradingStackStatus.shape)), fc.anything()), (any) => {
        expect(tradingStackStatus.safeParse(readStatus(any)).success).toBe(true);
      }),
    );
    for (const nothing of [undefined, null, 'x', 7, []]) expect(readStatus(nothing)).toEqual({});
  });
});
