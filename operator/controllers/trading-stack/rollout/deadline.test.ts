import { expect, it } from 'vitest';
import { TIERS } from '../../../../services/shared/contracts/service-row.ts';
import type { TierStatus } from '../../../api/v1alpha1/trading-stack/status.ts';
import { failedGate } from './deadline.ts';

const SINCE_MS = Date.UTC(2026, 0, 1);
const since = new Date(SINCE_MS).toISOString();
const gate = { name: 'Available', ok: false, reason: 'Unavailable', message: '', since };

/** Seconds after which a tier fails whose deadline is ten of them. */
function lateAfter(name: (typeof TIERS)[number]): number {
  const tier: TierStatus = { name, state: 'Progressing', release: 'r', since, gates: [gate] };
  const terms = { tierDeadlineSeconds: 10, postSwitchSoakSeconds: 0, resumedMs: 0 };
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
