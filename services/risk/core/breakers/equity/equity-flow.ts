import { add, multiply, subtract, ZERO, type Decimal } from '../../../../shared/domain/decimal.ts';
import type { EquityRecord } from '../breaker.ts';
import type { EquityNow } from './equity-now.ts';

type Amounts = ReadonlyMap<string, Decimal>;

/**
 * Returns what has come in or gone out since the record, without profit and loss: booked transfers, an asset that is
 * valued from now on with the fees that were paid in it, and one that is not valued any more, at its last rate. Where
 * that rate is not recorded, the whole difference counts.
 */
export function flowOf(record: EquityRecord, { valued, transfers, fees }: EquityNow): Decimal {
  const gone = record.assets.filter((asset) => !valued.assets.includes(asset));
  const worth = (rates: Amounts, asset: string, amount: Decimal): Decimal =>
    multiply(amount, rates.get(asset) ?? ZERO, 'floor');
  const amountOf = (asset: string): Decimal => valued.amounts.get(asset) ?? ZERO;
  const transferred = (asset: string): Decimal => since(record.transfers, transfers, asset);
  const isMissing = (asset: string): boolean => !record.rates.has(asset) && amountOf(asset) !== transferred(asset);
  if (gone.some(isMissing)) return subtract(valued.equity, record.equity);
  const flows = [
    ...valued.assets.map((asset) => {
      const hasCome = !record.assets.includes(asset);
      const amount = hasCome ? add(amountOf(asset), since(record.fees, fees, asset)) : transferred(asset);
      return worth(valued.rates, asset, amount);
    }),
    ...gone.map((asset) => worth(record.rates, asset, subtract(transferred(asset), amountOf(asset)))),
  ];
  return flows.reduce((sum, flow) => add(sum, flow), ZERO);
}

function since(before: Amounts, now: Amounts, asset: string): Decimal {
  return subtract(now.get(asset) ?? ZERO, before.get(asset) ?? ZERO);
}
