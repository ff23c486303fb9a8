import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ORDER_REASONS } from '../../services/shared/contracts/reasons/orders.ts';
import { ROOT } from '../architecture/project.ts';
import { reasonsOf, SCENARIOS, type OrderReason } from './reason-scenarios.ts';

/** Why a reason cannot occur in a run, and the test in which it does. */
const ELSEWHERE: Readonly<Partial<Record<OrderReason, readonly [why: string, test: string]>>> = {
  Flattening: ['risk halts as soon as it is flat', 'risk/service.test.ts'],
  ExitUnfilled: ['only shown in /statusz', 'risk/exit-worker.test.ts'],
  ExitRejected: ['only shown in /statusz', 'risk/rejected-exits.test.ts'],
  ExitNotSent: ['only shown in /statusz', 'risk/rejected-exits.test.ts'],
  SaleLive: ['only shown in /statusz', 'risk/flattening.test.ts'],
  SaleUnsettled: ['only shown in /statusz', 'risk/exit-obstacles.test.ts'],
  ExitDue: ['only shown in /statusz', 'risk/exit-worker.test.ts'],
  ExitNotDecided: ['only shown in /statusz', 'risk/exit-worker.test.ts'],
  SignalsUnread: ['only shown in /statusz', 'risk/exit-worker.test.ts'],
  Dust: ['only shown in /statusz', 'risk/flattened.test.ts'],
  EntryPriceUnknown: ['only shown in /statusz', 'risk/core/stops/stop-plan.test.ts'],
  StopNotStored: ['only shown in /statusz', 'risk/stop-watch.test.ts'],
  FeedGaps: ['the core of ws loses nothing between the venue and Redis', 'risk/breakers/breakers.test.ts'],
  BetweenSteps: ['sizing rounds every order', 'risk/core/checks/order-checks.test.ts'],
  SetApart: ['every row of the record can be read', 'execution/orders/set-apart.test.ts'],
  RowUnreadable: ['every row of the account can be read', 'risk/core/unread-rows.test.ts'],
  CanaryCap: ['the senders of these runs begin without a canary', 'risk/core/canary/canary-left.test.ts'],
  OutsideCanaryInstruments: ['as CanaryCap', 'risk/core/canary/canary-left.test.ts'],
  OutsideCanary: ['as CanaryCap', 'execution/swap/canary.test.ts'],
  OtherStack: ['one stack has the account', 'execution/core/sending.test.ts'],
  Unprocessable: ['risk approves no amount that is out of range', 'execution/orders/approval-order.test.ts'],
  PermitExpired: ['no time passes between the check and the first byte', 'shared/venue/mexc/trading-client.test.ts'],
  RateLimited: ['no limit begins between the check and the first byte', 'execution/budget/rate-limited-venue.test.ts'],
  BudgetSpent: ['no run has as many orders at once as the budget', 'execution/orders/order-budget.test.ts'],
  OtherRelease: ['one release of risk is active throughout', 'execution/orders/risk-release.test.ts'],
  ReleaseUnknown: ['one release of risk is active throughout', 'execution/orders/risk-release.test.ts'],
  NotActiveRelease: ['an armed process stores nothing', 'risk/store/activation/activation-contract.ts'],
  OrderTypeNotListed: ['the simulated venue lists every order type', 'risk/core/sizing/entry-terms.test.ts'],
};

const names = Object.keys(SCENARIOS) as OrderReason[];

describe('the reasons for which an order is refused or never sent', () => {
  const seen = new Map<OrderReason, ReadonlySet<string>>();
  beforeAll(async () => {
    for (const name of names) seen.set(name, await reasonsOf(SCENARIOS[name] ?? {}));
  }, 600_000);

  it.each(names)('%s occurs in its run', (name) => {
    expect([...(seen.get(name) ?? [])]).toContain(name);
  });

  it('occur all, except those of a closed list, none of which does', () => {
    const occurred = new Set([...seen.values()].flatMap((reasons) => [...reasons]));
    const missing = Object.keys(ORDER_REASONS).filter((reason) => !occurred.has(reason));
    expect(missing.toSorted()).toEqual(Object.keys(ELSEWHERE).toSorted());
    expect([...occurred].filter((reason) => !(reason in ORDER_REASONS))).toEqual([]);
  });

  it.each(Object.entries(ELSEWHERE))('%s is shown by another test', (reason, [, test]) => {
    expect(readFileSync(join(ROOT, 'services', test), 'utf8')).toMatch(new RegExp(`'${reason}[':]`));
  });
});
