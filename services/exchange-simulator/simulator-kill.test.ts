import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startExchangeSimulator, type TestSimulator } from '../../test/harness/exchange-simulator.ts';
import { formatDecimal, parseDecimal, type Decimal } from '../shared/domain/decimal.ts';

interface Entry {
  readonly seq: number;
  readonly kind: string;
  readonly clientOrderId?: string;
  readonly tradeId?: string;
  readonly side?: string;
  readonly price?: string;
  readonly quantity?: string;
  readonly fee?: string;
}

interface Accounts {
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
  readonly openOrders: number;
}

/** Places orders until the venue does not answer. Returns the client order IDs of the accepted orders. */
async function trade(venue: TestSimulator, round: number): Promise<readonly string[]> {
  const accepted: string[] = [];
  for (let count = 0; ; count += 1) {
    const id = `round${round}-${count}`;
    const [side, price] = count % 2 === 0 ? ['BUY', '0.00141'] : ['SELL', '0.0014'];
    const type = count % 3 === 0 ? 'LIMIT' : 'IMMEDIATE_OR_CANCEL';
    const order = { symbol: 'XRPETH', side, type, price, quantity: '7', newClientOrderId: id };
    const answer = await venue.signed('POST', '/api/v3/order', order).catch(() => undefined);
    if (answer === undefined) return accepted;
    if (answer.status === 200) accepted.push(id);
  }
}

async function readLog(venue: TestSimulator): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (;;) {
    const { body } = await venue.get(`/simulator/log?after=${entries.at(-1)?.seq ?? 0}&limit=1000`);
    const page = (body as { entries: Entry[] }).entries;
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

/** Returns the expected holdings of the account: opening balances plus every fill of the log. */
function holdings(log: readonly Entry[]): Readonly<Record<string, string>> {
  let [eth, xrp] = [parseDecimal('10') as bigint, parseDecimal('20000') as bigint];
  for (const { kind, side, price = '0', quantity = '0', fee = '0' } of log) {
    if (kind !== 'fill') continue;
    const [amount, paid] = [parseDecimal(quantity), parseDecimal(fee)];
    const notional = (parseDecimal(price) * amount) / 10n ** 18n;
    eth += (side === 'buy' ? 0n - notional : notional) - paid;
    xrp += side === 'buy' ? amount : 0n - amount;
  }
  return { ETH: formatDecimal(eth as Decimal), XRP: formatDecimal(xrp as Decimal) };
}

describe('a venue killed with SIGKILL while trading', () => {
  it('keeps every accepted order, and balances that match its log exactly', async () => {
    const venue = await startExchangeSimulator();
    const accepted: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const trading = trade(venue, round);
      await delay(100 + 37 * round);
      await venue.kill();
      accepted.push(...(await trading));
      await venue.restart();
      const log = await readLog(venue);
      const placed = log.filter(({ kind }) => kind === 'placed').map(({ clientOrderId }) => clientOrderId);
      expect(placed).toEqual(expect.arrayContaining(accepted));
      expect(new Set(placed).size).toBe(placed.length);
      const trades = log.filter(({ kind }) => kind === 'fill').map(({ tradeId }) => tradeId);
      expect(new Set(trades).size).toBe(trades.length);
      const { balances } = (await venue.get('/simulator/accounts')).body as Accounts;
      const held = balances.map(({ asset, free, locked }) => [
        asset,
        formatDecimal((parseDecimal(free) + parseDecimal(locked)) as Decimal),
      ]);
      expect(Object.fromEntries(held)).toEqual(holdings(log));
    }
    expect(accepted.length).toBeGreaterThan(5);
    await venue.stop();
  }, 60_000);
});
