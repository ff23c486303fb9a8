import { intField, textField } from '../fields.ts';

/** Fields of a strategy that leave its positions whatever it wants. */
export const stopFields = {
  stopLossPercent: percentField(
    'Stop loss, in percent of the entry price: "5" sells a position when the best bid is 5 % below its average cost. ' +
      'Two bids in a row have to be there. Fees of the exit do not count. A position left by a stop is bought again ' +
      'only by a stance that begins later.',
    2,
  ).exactOptional(),
  trailingStopPercent: percentField(
    'Trailing stop, in percent of the highest best bid since the entry: "5" sells a position when the best bid is 5 % ' +
      'below it. Two bids in a row have to be there, for the highest price too.',
    2,
  ).exactOptional(),
  takeProfitPercent: percentField(
    'Take profit, in percent of the entry price: "5" sells a position when the best bid is 5 % above its average cost. ' +
      'Two bids in a row have to be there. Fees of the exit do not count.',
    4,
  ).exactOptional(),
  maxHoldingSeconds: intField(
    'Longest time for which a position is held, in seconds, from when risk first sees it. Needs no price to trigger.',
    1,
    31_536_000,
  ).exactOptional(),
};

/** A percentage greater than zero with at most `digits` digits before the point. */
function percentField(description: string, digits: number) {
  return textField({
    description,
    maxLength: 40,
    pattern: `^[0-9]{1,${digits}}([.][0-9]{1,18})?$`,
    wanted: `a quoted percentage greater than zero and less than ${10 ** digits}, such as "2.5"`,
    aboveZero: true,
  });
}
