import { beforeEach, describe, expect, it } from 'vitest';
import { CLEAR } from '../../../test/fixtures/sending-facts.ts';
import { virtualClock, type VirtualClock } from '../../../test/harness/virtual-clock.ts';
import type { SendingFacts } from '../core/sending.ts';
import { SendingStatus } from './sending-status.ts';

const PERMIT_MS = 2_000;
let clock: VirtualClock;
let facts: SendingFacts;
let status: SendingStatus;

beforeEach(() => {
  clock = virtualClock();
  facts = { ...CLEAR, permitMs: PERMIT_MS };
  status = new SendingStatus({ facts: () => facts, clock });
});

async function lookFor(ms: number, change: () => Partial<SendingFacts> = () => ({})): Promise<void> {
  for (let passedMs = 0; passedMs < ms; passedMs += 100) {
    facts = { ...facts, ...change() };
    status.observe();
    await clock.advance(100);
  }
}

it('says that an order may be sent', () => {
  expect(status.status()).toEqual({ maySend: true, obstacle: null, permitAgeMs: 0 });
  expect(status.holding()).toBeUndefined();
});

it('says why no order may be sent', () => {
  facts = { ...facts, permitAgeMs: undefined, drifts: [{ asset: 'ETH', problem: 'ETH' }] };
  expect(status.status()).toMatchObject({ maySend: false, obstacle: { reason: 'PermitExpired' }, permitAgeMs: null });
  expect(status.holding()?.reason).toBe('PermitExpired');
});

it('says that exits may be sent, and why entries may not', () => {
  facts = { ...facts, drifts: [{ asset: 'ETH', problem: 'ETH '.repeat(100) }] };
  const { maySend, obstacle } = status.status();
  expect([maySend, obstacle?.reason, obstacle?.message.length]).toEqual([true, 'LedgerDrift', 300]);
  expect(status.holding()).toBeUndefined();
  expect(status.refusal({ side: 'buy', symbol: 'XRP/ETH' })).toBe('LedgerDrift');
  expect(status.refusal({ side: 'sell', symbol: 'XRP/ETH' })).toBeUndefined();
});

it('does not make approvals wait for the end of a halt, which ends them', () => {
  facts = { ...facts, tradingState: 'Halted', askedBy: ['console'] };
  expect(status.holding()).toBeUndefined();
  expect(status.refusal({ side: 'sell', symbol: 'XRP/ETH' })).toBe('Halted');
  expect(status.status()).toMatchObject({ maySend: false, obstacle: { reason: 'Halted' } });
});

describe('the check', () => {
  it('fails when no order could be sent for two lifetimes of a permit, and passes again at once', async () => {
    facts = { ...facts, limitedForMs: 60_000 };
    await lookFor(2 * PERMIT_MS);
    expect(status.check().ok).toBe(true);
    await lookFor(100);
    expect(status.check()).toMatchObject({ ok: false, reason: 'RateLimited' });
    facts = { ...facts, limitedForMs: 0 };
    expect(status.check().ok).toBe(true);
  });

  it('counts from the last time at which an order could be sent, by elapsed time', async () => {
    facts = { ...facts, limitedForMs: 1 };
    await lookFor(3_000);
    await lookFor(100, () => ({ limitedForMs: 0 }));
    facts = { ...facts, limitedForMs: 1 };
    await lookFor(3_000);
    clock.setNow(clock.nowMs() + 3_600_000);
    expect(status.check().ok).toBe(true);
  });

  it('fails when the permit is older than two lifetimes, whenever that was first seen', () => {
    facts = { ...facts, permitAgeMs: 2 * PERMIT_MS };
    expect(status.check().ok).toBe(true);
    facts = { ...facts, permitAgeMs: 2 * PERMIT_MS + 1 };
    expect(status.check()).toMatchObject({ ok: false, reason: 'PermitExpired' });
  });

  it('fails when permits arrive, and each arrives expired', async () => {
    await lookFor(10_000, () => ({ permitAgeMs: 2_000 + (clock.monotonicMs() % 1_500), fenceReadMs: 2_000 }));
    expect(status.check()).toMatchObject({ ok: false, reason: 'DatabaseSlow' });
  });

  it('passes during a halt, which hides no other failure', async () => {
    facts = { ...facts, tradingState: 'Halted', askedBy: ['console'] };
    await lookFor(60_000);
    expect(status.check().ok).toBe(true);
    facts = { ...facts, permitAgeMs: 2 * PERMIT_MS + 1 };
    expect(status.check()).toMatchObject({ ok: false, reason: 'PermitExpired' });
  });

  it('passes while only entries are stopped, and in every other role', async () => {
    facts = { ...facts, drifts: [{ asset: 'ETH', problem: 'ETH' }], unknownSymbols: ['XRP/ETH'] };
    await lookFor(60_000);
    expect(status.check().ok).toBe(true);
    for (const role of ['warming', 'armed', 'activating', 'fenced'] as const) {
      facts = { ...facts, role, permitAgeMs: undefined };
      await lookFor(60_000);
      expect(status.check().ok).toBe(true);
    }
  });
});
