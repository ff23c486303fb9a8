import type { RiskState, Signal } from '../risk-state.ts';
import type { Draft } from '../sizing/draft.ts';
import { checkBreakers } from './breaker-checks.ts';
import { checkCanary, checkCanaryTerms } from './canary-checks.ts';
import type { CheckOutcome } from './check-outcome.ts';
import { checkExitFirst } from './exit-first-check.ts';
import {
  checkNotional,
  checkRate,
  checkOpenOrders,
  checkPosition,
  checkExposure,
  checkBalance,
} from './limit-checks.ts';
import {
  checkReducing,
  checkUnknowns,
  checkSelfTrade,
  checkOrderType,
  checkCollar,
  checkSteps,
  checkVenueLimits,
} from './order-checks.ts';
import {
  checkHalt,
  checkRows,
  checkStrategy,
  checkInstrument,
  checkFeed,
  checkReferences,
  checkCurrency,
} from './precondition-checks.ts';

/** A check that runs before the order is sized. */
export interface PreconditionCheck {
  readonly name: string;
  readonly check: (state: RiskState, signal: Signal) => CheckOutcome;
}

/** A check of the sized order. */
export interface OrderCheck {
  readonly name: string;
  readonly check: (state: RiskState, signal: Signal, draft: Draft) => CheckOutcome;
}

/**
 * Run in this order; the first failure decides. Sizing needs the data that these checks verify, so they run before it.
 */
export const PRECONDITION_CHECKS: readonly PreconditionCheck[] = [
  { name: 'halt', check: checkHalt },
  { name: 'strategy', check: checkStrategy },
  { name: 'rows', check: checkRows },
  { name: 'instrument', check: checkInstrument },
  { name: 'feed', check: checkFeed },
  { name: 'collar references', check: checkReferences },
  { name: 'currency', check: checkCurrency },
  { name: 'canary terms', check: checkCanaryTerms },
  { name: 'breakers', check: checkBreakers },
];

/** Run in this order after the preconditions; the first failure decides. */
export const ORDER_CHECKS: readonly OrderCheck[] = [
  { name: 'reducing', check: checkReducing },
  { name: 'exit first', check: checkExitFirst },
  { name: 'unknown orders', check: checkUnknowns },
  { name: 'self trade', check: checkSelfTrade },
  { name: 'order type', check: checkOrderType },
  { name: 'collar', check: checkCollar },
  { name: 'steps', check: checkSteps },
  { name: 'canary', check: checkCanary },
  { name: 'venue limits', check: checkVenueLimits },
  { name: 'notional', check: checkNotional },
  { name: 'rate', check: checkRate },
  { name: 'open orders', check: checkOpenOrders },
  { name: 'position', check: checkPosition },
  { name: 'exposure', check: checkExposure },
  { name: 'balance', check: checkBalance },
];
