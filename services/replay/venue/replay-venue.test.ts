import { QUIET_TAPE, XRP_ETH } from '../../../test/harness/exchange-simulator.ts';
import { Market } from '../../exchange-simulator/core/market.ts';
import { parseTape } from '../../exchange-simulator/core/tape.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import type { Instrument } from '../../shared/domain/instrument.ts';
import { tradingVenueContract } from '../../shared/venue/contract.ts';
import { QUIET_NETWORK } from '../core/network.ts';
import { createScheduler, type Scheduler } from '../core/scheduler.ts';
import { ACCOUNT } from './account-views.ts';
import { createReplayVenue } from './replay-venue.ts';

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

tradingVenueContract('the replay venue', async () => {
  const scheduler = createScheduler(START_MS);
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
  const quiet = { network: QUIET_NETWORK, isTroubled: () => false, onEvents: () => {}, onPush: () => {} };
  const venue = createReplayVenue({ market, scheduler, ...quiet }).clientFor(scheduler);
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
