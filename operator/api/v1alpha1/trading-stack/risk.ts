import { z } from 'zod';
import { atMost, intField, positiveDecimalField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

/** Limits before every order; notionals in the quote asset of the instrument. */
export const riskSpec = z
  .strictObject({
    maxOrderNotional: positiveDecimalField('Greatest order.').default('50'),
    maxPositionNotional: positiveDecimalField('Greatest position of an instrument.').default('200'),
    maxExposureNotional: positiveDecimalField('Greatest sum of all positions.').default('400'),
    maxOpenOrders: intField('Orders open at once.', 1, 500).default(20),
    maxOrdersPerSecond: intField('Orders in a second.', 1, 100).default(5),
    priceCollarPercent: positiveDecimalField('Greatest distance of a price from the reference; "2" is 2 %.').default(
      '2',
    ),
    maxFeedAgeMs: intField('Market data older than this trades nothing.', 100, 600_000).default(2_000),
    entryValidMs: intField('A signal older than this opens nothing.', 100, 86_400_000).default(60_000),
    orderDeadlineMs: intField('How long an approved order may live.', 100, 3_600_000).default(10_000),
  })
  .meta({
    description: 'Limits before every order.',
    ...validated(
      {
        rule: atMost('self.maxOrderNotional', 'self.maxPositionNotional'),
        message: 'maxOrderNotional must not be more than maxPositionNotional',
      },
      {
        rule: atMost('self.maxPositionNotional', 'self.maxExposureNotional'),
        message: 'maxPositionNotional must not be more than maxExposureNotional',
      },
    ),
  });
