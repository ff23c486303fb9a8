import { expect, it } from 'vitest';
import { XRP_ETH, QUIET_TAPE } from '../../test/harness/exchange-simulator.ts';
import { exchangeSimulatorSettings } from '../shared/contracts/services/exchange-simulator.ts';
import { parseDecimal } from '../shared/domain/decimal.ts';
import { openingEntryOf, openMarket, PAPER_ACCOUNT, readTape } from './open-market.ts';
import { PrivateFeed } from './stream/mexc/private-feed.ts';

const NOW_MS = 1_767_225_600_000;
const d = parseDecimal;
const settings = exchangeSimulatorSettings.parse({
  stack: { id: 'demo-0a1b2c3d', name: 'demo', namespace: 'trading', mode: 'Paper' },
  instruments: [XRP_ETH],
  tape: { path: 'tape.csv.gz', symbol: 'XRP/ETH', speed: 1 },
  requoteMs: 50,
  balances: { ETH: '10', XRP: '20000' },
  seed: 7,
});

it('restores both ledgers, of which the one of the private stream remembers no order for longer than a frame', () => {
  const tape = readTape(settings, QUIET_TAPE);
  const opened = openMarket({
    settings,
    tape,
    openingEntry: openingEntryOf(settings, NOW_MS),
    nowMs: NOW_MS,
  });
  const { market, follower } = opened;
  const feed = new PrivateFeed(follower);
  market.open(NOW_MS);
  const buy = { kind: 'place', account: PAPER_ACCOUNT, symbol: 'XRP/ETH', side: 'buy', type: 'LIMIT' } as const;
  const request = { time: NOW_MS, recvWindowMs: 1_000, receivedAt: NOW_MS };
  for (let count = 0; count < 50; count += 1) {
    const order = { ...buy, clientOrderId: `c${count}`, price: d('0.00141'), quantity: d('7'), request };
    for (const event of market.engine.apply(order, NOW_MS)) {
      if (event.kind === 'placed') expect(feed.follow(event, NOW_MS)[0]?.push.body).toMatchObject({ status: 1 });
      if (event.kind === 'fill') expect(feed.follow(event, NOW_MS)[0]?.push.body).toMatchObject({ status: 2 });
    }
  }
  expect(follower.counts).toEqual({ placed: 50, filled: 50 });
  expect([market.engine.ledger, follower].map((ledger) => ledger.orders(PAPER_ACCOUNT).length)).toEqual([50, 1]);
  expect(follower.fills(PAPER_ACCOUNT)).toEqual([]);
  expect(follower.balances(PAPER_ACCOUNT)).toEqual(market.engine.ledger.balances(PAPER_ACCOUNT));
  const placed = { ...buy, clientOrderId: 'old', price: d('0.001'), quantity: d('7'), quoteQuantity: d('0'), request };
  opened.restore({ ...placed, kind: 'placed', orderId: 'old', lockedAsset: 'ETH', locked: d('0.007'), time: NOW_MS });
  expect([market.engine.ledger, follower].map((ledger) => ledger.order('old')?.status)).toEqual(['NEW', 'NEW']);
});
