import { describe, expect, it } from 'vitest';
import { QUIET_TAPE, XRP_ETH } from '../../../test/harness/exchange-simulator.ts';
import { Market } from '../../exchange-simulator/core/market.ts';
import { parseTape } from '../../exchange-simulator/core/tape.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { tradingVenueContract } from '../../shared/venue/contract.ts';
import { QUIET_NETWORK } from '../core/network.ts';
import { createScheduler, type Scheduler } from '../core/scheduler.ts';
import { ACCOUNT } from './account-views.ts';
import { createReplayVenue, type PrivatePush } from './replay-venue.ts';
import { logEntry } from './venue-views.ts';

const START_MS = Date.UTC(2026, 0, 1);
const STEP_MS = 10;
const d = parseDecimal;
const INSTRUMENT: Instrument = {
  ...XRP_ETH,
  tickSize: d(XRP_ETH.tickSize),
  lotSize: d(XRP_ETH.lotSize),
  minQuantity: d(XRP_ETH.minQuantity),
  minNotional: d(XRP_ETH.minNotional),
  maxNotional: d(XRP_ETH.maxNotional),
  makerFee: d(XRP_ETH.makerFee),
  takerFee: d(XRP_ETH.takerFee),
};

async function runUntilSettled<T>(scheduler: Scheduler, promise: Promise<T>): Promise<T> {
  const progress = { settled: false };
  const end = (): void => {
    progress.settled = true;
  };
  void promise.then(end, end);
  while (!progress.settled) await scheduler.run(scheduler.nowMs() + STEP_MS);
  return await promise;
}

function createMarket(): Market {
  const market = new Market({
    instruments: [INSTRUMENT],
    opening: { [ACCOUNT]: { ETH: d('10'), XRP: d('20000') } },
    tape: parseTape(QUIET_TAPE, INSTRUMENT),
    tapeSymbol: INSTRUMENT.symbol,
    speed: 1,
    requoteMs: 50,
    seed: 7,
    originMs: START_MS,
    idPrefix: '7',
  });
  market.open(START_MS);
  return market;
}

describe.each([
  ['the replay venue', false],
  ['the real client on the venue of the replay', true],
])('%s', (name, wired) => {
  tradingVenueContract(name, async () => {
    const scheduler = createScheduler(START_MS);
    const quiet = { network: QUIET_NETWORK, isTroubled: () => false, onEvents: () => {}, onPush: () => {} };
    const venue = createReplayVenue({ market: createMarket(), scheduler, wired, ...quiet }).clientFor(scheduler);
    await scheduler.run(START_MS + 2_000);
    return {
      venue,
      symbol: INSTRUMENT.symbol,
      quantity: d('10'),
      restingPrice: d('0.0013'),
      fillingPrice: d('0.00141'),
      nowMs: () => scheduler.nowMs(),
      settle: async (promise) => await runUntilSettled(scheduler, promise),
    };
  });
});

it('pushes a report for each event of an order, and logs a transfer without one', async () => {
  const scheduler = createScheduler(START_MS);
  const pushes: PrivatePush[] = [];
  const market = createMarket();
  const { clientFor, log } = createReplayVenue({
    market,
    scheduler,
    network: QUIET_NETWORK,
    isTroubled: () => false,
    onEvents: () => {},
    onPush: (push) => pushes.push(push),
  });
  const venue = clientFor(scheduler);
  await scheduler.run(START_MS + 2_000);
  const order = {
    symbol: INSTRUMENT.symbol,
    side: 'buy',
    type: 'LIMIT',
    price: d('0.0013'),
    quantity: d('10'),
  } as const;
  const terms = { timestampMs: scheduler.nowMs(), recvWindowMs: 2_000, refusal: () => undefined };
  await runUntilSettled(scheduler, venue.place({ ...order, clientOrderId: 'c1' }, terms));
  await runUntilSettled(scheduler, venue.cancel(INSTRUMENT.symbol, 'c1'));
  await scheduler.run(scheduler.nowMs() + 2_000);
  expect(pushes).toMatchObject([
    { kind: 'report', report: { clientOrderId: 'c1', status: 'New' } },
    { kind: 'report', report: { clientOrderId: 'c1', status: 'Cancelled' } },
  ]);
  expect(log.map(({ kind }) => kind)).toEqual(['placed', 'cancelled']);
  const deposit = market.engine.transfer(ACCOUNT, { asset: 'ETH', amount: d('0.5') }, 7);
  if (deposit === undefined) throw new Error('the deposit was refused');
  expect(logEntry(deposit, 3)).toEqual({ seq: 3, kind: 'transferred', time: 7, asset: 'ETH', amount: '0.5' });
});
