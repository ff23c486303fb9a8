import { z } from 'zod';
import { intField, objectNameField, symbolField, textField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

const tape = z
  .object({
    path: textField({
      description:
        'Path of the file in the image: gzip CSV with columns timestamp_ms,trade_id,taker_side,price,amount.',
      maxLength: 300,
      pattern: '^(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+$',
      wanted: 'an absolute path without ".."',
    }).default('/app/tapes/trades-xrp-eth-2019-10-11.csv.gz'),
    symbol: symbolField('Trading pair of the recorded trades, BASE/QUOTE. Must be listed in spec.instruments.'),
    speed: intField('Playback speed: seconds of the recording played per second.', 1, 10_000).default(1),
  })
  .meta({ description: 'Recorded trades that the simulator plays in a loop.' });

/** The venue that the stack trades at, and the source of its market data. */
export const venueSpec = z
  .object({
    name: z.enum(['mexc']).meta({
      description: 'Exchange whose protocol the stack uses. Immutable.',
      ...validated({
        rule: 'self == oldSelf',
        message: 'is immutable because positions are held at this venue; create a new TradingStack',
      }),
    }),
    credentials: z
      .object({
        secretName: objectNameField('Name of a Secret in this namespace with the keys apiKey and secretKey.'),
      })
      .exactOptional()
      .meta({
        description: 'API keys of the account at the venue. If unset, the operator creates keys for a paper account.',
      }),
    ordersPerSecond: intField(
      'Maximum requests per second that create or cancel orders, of all processes of the stack together; stacks on ' +
        'the same account must share out what the venue allows. A fifth is ' +
        'only for cancellations, and as much again not for entries; of 2, entries take only what no exit waits for. ' +
        'Default: 5, the lowest limit that MEXC has published.',
      2,
      100,
    ).exactOptional(),
    feed: z
      .enum(['tape', 'synthetic', 'venue'])
      .default('tape')
      .meta({
        description: 'Source of market data: tape, synthetic or venue. Only tape is accepted in this version.',
        ...validated({ rule: "self == 'tape'", message: 'only tape is accepted in this version' }),
      }),
    tape,
  })
  .meta({ description: 'Venue and source of market data.' });
