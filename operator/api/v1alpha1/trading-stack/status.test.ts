import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runningStack } from '../../../../test/fixtures/reconciled-stack.ts';
import { readStatus, tradingStackStatus } from './status.ts';

const { status } = runningStack().stack;

describe('readStatus', () => {
  it('returns a whole status unchanged', () => {
    expect(readStatus(status)).toEqual(status);
  });

  it('drops a tier without gates, and keeps the others', () => {
    const tiers = (status.tiers ?? []).map((tier, index) => (index === 1 ? { ...tier, gates: undefined } : tier));
    const read = readStatus({ ...status, tiers });
    expect(read.tiers?.map(({ name }) => name)).toEqual(['foundation', 'data', 'strategy', 'risk', 'execution']);
    expect(read.execution).toEqual(status.execution);
  });

  it('drops a field of the wrong type or with a value of a later version, and keeps the rest', () => {
    const read = readStatus({ ...status, phase: 'Paused', execution: { active: 'purple', epoch: 'seven' } });
    expect(read).toEqual({ ...status, phase: undefined, execution: undefined });
  });

  it('ignores fields of a later version', () => {
    const execution = { ...status.execution, canary: { enabled: true } };
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
