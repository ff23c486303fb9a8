import { z } from 'zod';
import { assetField, atMost, intField, positiveDecimalField } from '../fields.ts';
import { breakerFields } from './breakers.ts';
import { validated } from '../validation-rule.ts';

/** Pre-trade limits. Amounts are in `currency`. */
export const riskSpec = z
  .object({
    currency: assetField(
      'Currency of all limits, and of orderNotional of the strategies: an asset of spec.instruments. Default: the quote ' +
        'asset of the instruments; required if they have several. Prices of the instruments convert other assets to it, ' +
        'over at most two of them. Without a live price no entry is approved; exits need none.',
    ).exactOptional(),
    maxOrderNotional: positiveDecimalField(
      'Maximum notional of one order, in the currency. A larger exit is sold in pieces; the last may exceed it by ' +
        "less than the venue's minimum, because the venue would not take a rest below that.",
    ).default('50'),
    maxPositionNotional: positiveDecimalField(
      'Maximum notional of the position in one instrument, in the currency.',
    ).default('200'),
    maxExposureNotional: positiveDecimalField('Maximum notional of all positions together, in the currency.').default(
      '400',
    ),
    maxOpenOrders: intField(
      'Maximum number of open orders with which an entry is still approved. An exit is approved beyond it.',
      1,
      500,
    ).default(20),
    maxOrdersPerSecond: intField(
      'Maximum number of entries approved per second. Exits neither count nor wait.',
      1,
      100,
    ).default(5),
    priceCollarPercent: positiveDecimalField(
      'Maximum distance of an order price from the mid price, and of an entry also from the last trade price, in ' +
        'percent: "2" is 2 %.',
    ).default('2'),
    maxFeedAgeMs: intField(
      'Maximum age of the order book, in milliseconds. No order is approved on an older one, and no entry on one that ' +
        'is as far in the future, when clocks differ.',
      100,
      600_000,
    ).default(2_000),
    maxTradeAgeMs: intField(
      'Maximum age of the last trade, in milliseconds. No entry is approved on an older one; exits need none.',
      1_000,
      86_400_000,
    ).default(300_000),
    entryValidMs: intField(
      'Maximum age of an entry signal, in milliseconds. Older signals open no position, and no entry is sent for them.',
      100,
      86_400_000,
    ).default(60_000),
    orderDeadlineMs: intField(
      'Lifetime of an approved order, in milliseconds. A resting order is cancelled at this deadline.',
      100,
      3_600_000,
    ).default(10_000),
    ...breakerFields,
  })
  .meta({
    description:
      'Limits that risk checks before it approves an order, and breakers that stop entries. What only limits new risk ' +
      'refuses no exit; onDrawdown: Halted does.',
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
