import { expect, it } from 'vitest';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import type { GateStatus, TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { failedGate } from './deadline.ts';
import { SENDER_ACTIVE, SENDER_PROVEN, SWAP_ALLOWED } from './gates.ts';

const SINCE_MS = Date.UTC(2026, 0, 1);
const since = new Date(SINCE_MS).toISOString();
const gate = { name: 'Available', ok: false, reason: 'Unavailable', message: '', since };

const terms = { tierDeadlineSeconds: 10, postSwitchSoakSeconds: 60, resumedMs: 0 };

/** Seconds after which a tier fails whose deadline is ten of them. */
function lateAfter(name: (typeof TIERS)[number], gates: readonly GateStatus[] = [gate]): number {
  const tier: TierStatus = { name, state: 'Progressing', release: 'r', since, gates: [...gates] };
  let seconds = 0;
  while (failedGate(tier, { ...terms, nowMs: SINCE_MS + seconds * 1_000 + 1 }) === undefined) seconds += 1;
  return seconds;
}

it('lets the standby of risk count neither against its deadline nor against that of another tier', () => {
  expect(Object.fromEntries(TIERS.map((name) => [name, lateAfter(name)]))).toEqual({
    foundation: 10,
    venue: 10,
    data: 10,
    strategy: 10,
    risk: 15,
    execution: 10,
  });
});

it('adds the probation to the deadline of the tier only once its sender sends', () => {
  const unproven: GateStatus = { ...gate, name: SENDER_PROVEN, reason: 'EvidenceMissing' };
  const active = (ok: boolean): GateStatus => ({ ...gate, name: SENDER_ACTIVE, ok });
  expect(lateAfter('execution', [active(false), unproven])).toBe(10);
  expect(lateAfter('execution', [active(true), unproven])).toBe(70);
});

it('counts the deadline of what fails while its swap waits from when it fails', () => {
  const failing = { ...gate, since: new Date(SINCE_MS + 3_600_000).toISOString() };
  expect(lateAfter('execution', [failing, { ...gate, name: SWAP_ALLOWED, reason: 'ApprovalMissing' }])).toBe(3_610);
});

it('never fails a tier that has passed, however long it is degraded', () => {
  const tier: TierStatus = { name: 'data', state: 'Degraded', release: 'r', since, gates: [gate] };
  expect(failedGate(tier, { ...terms, nowMs: SINCE_MS + 3_600_000 })).toBeUndefined();
});
