import type { DecisionScope } from '../shared/domain/release/active-release.ts';
import type { Clock } from '../shared/runtime/clock.ts';
import type { Logger } from '../shared/runtime/logger.ts';
import { periodic, type Periodic } from '../shared/runtime/periodic.ts';
import { planEntries } from './core/entries/entry-plan.ts';
import { requoteRules } from './core/entries/requote.ts';
import { keyOf } from './core/holdings.ts';
import type { Signal } from './core/risk-state.ts';
import { mayBeOutdated, type UnreadSignals } from './core/stances/unread-signals.ts';
import type { RiskStore } from './ports.ts';
import type { RiskService } from './service.ts';
import { stateOf, type StateOptions } from './state-of.ts';

export interface EntryWorkerOptions extends StateOptions {
  readonly store: Pick<RiskStore, 'readAccount'>;
  readonly service: Pick<RiskService, 'onEntry'>;
  /** What this process may decide. */
  readonly scope: () => DecisionScope;
  /** Pairs with signals in Redis that were not decided until a moment ago, but for those that are tried again. */
  readonly unreadSignals: () => UnreadSignals;
  readonly clock: Clock;
  readonly log: Logger;
}

const EVERY_MS = 1_000;

/**
 * Creates the part that works resting entries between bars: each second it looks at the account, and decides the next
 * entry of each stance whose last one ended before all of it was bought. It has no state that matters: what was tried
 * is in the record, and only the pause after a refusal is lost with the process.
 */
export function createEntryWorker(options: EntryWorkerOptions): Periodic {
  const { settings, store, service, scope, market, unreadSignals, clock, log } = options;
  /** Monotonic milliseconds of the last try, refused or not. */
  const triedMs = new Map<string, number>();

  const isPaused = (signal: Signal): boolean => {
    const lastMs = triedMs.get(keyOf(signal));
    const { everyMs = 0 } = requoteRules(settings, signal.strategy) ?? {};
    return lastMs !== undefined && clock.monotonicMs() - lastMs < everyMs;
  };
  const pass = async (): Promise<void> => {
    // A saving only: the statement of a decision lets no other release enter. A signal that was not read yet may have
    // changed the mind of its strategy.
    if (scope() !== 'All' || !rests(settings.sizing) || unreadSignals() === 'All') return;
    const nowMs = clock.nowMs();
    const state = stateOf(options, await store.readAccount(nowMs), nowMs);
    for (const signal of planEntries({ state, marketOf: (symbol) => market.snapshot(symbol) })) {
      // Each entry may take seconds.
      if (mayBeOutdated(unreadSignals(), signal) || isPaused(signal)) continue;
      triedMs.set(keyOf(signal), clock.monotonicMs());
      await service.onEntry(signal);
    }
  };
  return periodic({ name: 'entries', intervalMs: EVERY_MS, task: pass, clock, log });
}

function rests(sizing: StateOptions['settings']['sizing']): boolean {
  return sizing.some(({ entry }) => entry === 'Make');
}
