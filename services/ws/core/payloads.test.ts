import { expect, test } from 'vitest';
import { z } from 'zod';
import { bookMessage } from '../../shared/contracts/messages/book.ts';
import { instrumentDocument } from '../../shared/contracts/messages/instrument.ts';
import { tradeMessage } from '../../shared/contracts/messages/trade.ts';
import { parseDecimal } from '../../shared/domain/decimal.ts';
import { lots, ticks, type Instrument } from '../../shared/domain/instrument.ts';
import { bookPayload, instrumentPayload, tradePayload } from './payloads.ts';

const instrument: Instrument = {
  symbol: 'XRP/ETH',
  base: 'XRP',
  quote: 'ETH',
  tickSize: parseDecimal('0.00000001'),
  lotSize: parseDecimal('1'),
  minQuantity: parseDecimal('1'),
  minNotional: parseDecimal('0.001'),
  maxNotional: parseDecimal('1000'),
  makerFee: parseDecimal('0'),
  takerFee: parseDecimal('0.0005'),
  orderTypes: ['LIMIT', 'LIMIT_MAKER'],
};
const origin = { producer: 'ws-1', seq: 7, symbol: 'XRP/ETH', receivedAt: 1_570_752_000_005 };

test('a trade payload keeps every digit', () => {
  const price = parseDecimal('0.00139871');
  const trade = { price, quantity: parseDecimal('250'), takerSide: 'sell', time: 1_570_752_000_000 } as const;
  const payload = tradePayload(origin, trade);
  expect(payload).toEqual({ ...origin, ...trade, price: '0.00139871', quantity: '250' });
  expect(z.strictObject(tradeMessage.shape).parse(payload)).toMatchObject(trade);
});

test('a book payload lists prices and quantities, best first', () => {
  const view = {
    version: 18_446_744_073_709_551_615n,
    bids: [{ price: ticks(139_871), quantity: lots(3) }],
    asks: [{ price: ticks(139_872), quantity: lots(4) }],
  };
  const payload = bookPayload(origin, view, instrument, 1_570_752_000_000);
  expect(payload).toMatchObject({ bids: [['0.00139871', '3']], asks: [['0.00139872', '4']] });
  expect(z.strictObject(bookMessage.shape).parse(payload).version).toBe('18446744073709551615');
});

test('an instrument survives a round trip', () => {
  expect(instrumentDocument.parse(instrumentPayload(instrument))).toEqual(instrument);
});
