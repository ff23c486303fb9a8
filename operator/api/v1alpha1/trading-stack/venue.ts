import { z } from 'zod';
import { intField, objectNameField, symbolField, textField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

const tape = z
  .strictObject({
    path: textField({
      description: 'File inside the image: gzip CSV with timestamp_ms,trade_id,taker_side,price,amount.',
      maxLength: 300,
      pattern: '^/[A-Za-z0-9._/-]+$',
      wanted: 'an absolute path',
    }).default('/app/tapes/trades-xrp-eth-2019-10-11.csv.gz'),
    symbol: symbolField('Instrument that the recorded trades are of.'),
    speed: intField('Recorded seconds per second.', 1, 10_000).default(1),
  })
  .meta({ description: 'Recorded trades, played in a loop.' });

/** Where the stack trades, and where its market data comes from. */
export const venueSpec = z
  .strictObject({
    name: z.enum(['mexc']).meta({
      description: 'The exchange whose protocol is spoken.',
      ...validated({ rule: 'self == oldSelf', message: 'is immutable: positions live at a venue; make a new stack' }),
    }),
    credentials: z
      .strictObject({ secretName: objectNameField('Secret of this namespace with the keys apiKey and secretKey.') })
      .exactOptional()
      .meta({ description: 'Keys of the account; the operator makes a paper account where they are absent.' }),
    feed: z
      .enum(['tape', 'synthetic', 'venue'])
      .default('tape')
      .meta({
        description: 'Where market data comes from.',
        ...validated({ rule: "self == 'tape'", message: 'only tape is accepted in this version' }),
      }),
    tape,
  })
  .meta({ description: 'The venue and its market data.' });
