import { z } from 'zod';
import { nonNegativeDecimalField } from '../fields.ts';
import { validated } from '../validation-rule.ts';

const BALANCES_MAX = 30;
const ASSET = /^[A-Z0-9]{1,20}$/;
const ASSETS = 'assets must be in upper case, such as ETH';

/** Opening balances of the simulated account: decimals by asset. */
export const balancesField = z
  .record(z.string(), nonNegativeDecimalField('Opening balance of the asset.'))
  .refine((balances) => Object.keys(balances).length <= BALANCES_MAX, `must have at most ${BALANCES_MAX} assets`)
  .refine((balances) => Object.keys(balances).every((asset) => ASSET.test(asset)), ASSETS)
  .meta({
    description: 'Opening balances by asset, such as ETH: "10". Immutable.',
    minProperties: 1,
    maxProperties: BALANCES_MAX,
    ...validated(
      {
        rule: 'self == oldSelf',
        message: 'is immutable because opening balances are part of the ledger; create a new TradingStack',
      },
      { rule: `self.all(asset, asset.matches('${ASSET.source}'))`, message: ASSETS },
    ),
  });
