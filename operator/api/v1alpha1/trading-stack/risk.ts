import { z } from 'zod';
import { atMost, intField, positiveDecimalField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

/** Pre-trade limits. Notionals are in the quote asset of the instrument. */
export const riskSpec = z
  .object({
    maxOrderNotional: positiveDecimalField('Maximum notional of one order, in the quote asset.').default('50'),
    maxPositionNotional: positiveDecimalField(
      'Maximum notional of the position in one instrument, in the quote asset.',
    ).default('200'),
    maxExposureNotional: positiveDecimalField(
      'Maximum notional of all positions together, in the quote asset.',
    ).default('400'),
    maxOpenOrders: intField('Maximum number of open orders.', 1, 500).default(20),
    maxOrdersPerSecond: intField('Maximum number of approved orders per second.', 1, 100).default(5),
    priceCollarPercent: positiveDecimalField(
      'Maximum distance of an order price from the mid price and from the last trade price, in percent: "2" is 2 %.',
    ).default('2'),
    maxFeedAgeMs: intField(
      'Maximum age of market data, in milliseconds. No order is approved on older data.',
      100,
      600_000,
    ).default(2_000),
    entryValidMs: intField(
      'Maximum age of an entry signal, in milliseconds. Older signals open no position.',
      100,
      86_400_000,
    ).default(60_000),
    orderDeadlineMs: intField(
      'Lifetime of an approved order, in milliseconds. A resting order is cancelled at this deadline.',
      100,
      3_600_000,
    ).default(10_000),
  })
  .meta({
    description: 'Pre-trade limits that risk checks before it approves an order.',
    ...validated(
      {
        rule: atMost('self.maxOrderNotional', 'self.maxPositionNotional'),
        message: 'maxOrderNotional must not exceed maxPositionNotional',
      },
      {
        rule: atMost('self.maxPositionNotional', 'self.maxExposureNotional'),
        message: 'maxPositionNotional must not exceed maxExposureNotional',
      },
    ),
  });
