import { beforeEach, expect, it } from 'vitest';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { EquityRecord } from '../core/breakers/breaker.ts';
import { createEquitySuccession, type EquitySuccession } from './equity-succession.ts';

let clock: VirtualClock;
let succession: EquitySuccession;

beforeEach(() => {
  clock = virtualClock();
  succession = createEquitySuccession(clock);
});

function record(revision: number, assets: readonly string[] = ['ETH', 'XRP'], currency = 'ETH'): EquityRecord {
  const none = new Map<string, never>();
  const amounts = { equity: parseDecimal('1'), dayStart: parseDecimal('1'), peak: parseDecimal('1') };
  return { revision, currency, assets, ...amounts, transfers: none, fees: none, rates: none, dayMs: 0 };
}

it('a process that has stored nothing takes the record over at once', () => {
  expect(succession.mayReplace(undefined, record(0))).toBe(true);
  expect(succession.mayReplace(record(4, ['ETH', 'MX']), record(4))).toBe(true);
});

it('goes on with its own record, and beside a process that values the same', () => {
  succession.onStored(record(4));
  expect(succession.mayReplace(record(5), record(5, ['ETH', 'MX', 'XRP']))).toBe(true);
  expect(succession.mayReplace(record(9), record(9))).toBe(true);
});

it.each([
  ['other assets', record(6, ['ETH', 'MX'])],
  ['another currency', record(6, ['ETH', 'XRP'], 'USDT')],
])('waits, once it was replaced by a process with %s, until the record has not changed for 15 s', async (_, others) => {
  succession.onStored(record(4));
  for (let revision = 6; revision < 12; revision += 1) {
    expect(succession.mayReplace({ ...others, revision }, record(revision))).toBe(false);
    await clock.advance(5_000);
  }
  const left = { ...others, revision: 11 };
  await clock.advance(9_999);
  expect(succession.mayReplace(left, record(11))).toBe(false);
  await clock.advance(1);
  expect(succession.mayReplace(left, record(11))).toBe(true);
});
