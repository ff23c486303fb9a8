import { intField, percentField } from '../fields.ts';

/** Fields of a strategy that leave its positions whatever it wants. */
export const stopFields = {
  stopLossPercent: percentField(
    'Stop loss, in percent of the entry price: "5" sells a position once two best bids in a row are at least 5 % below ' +
      'its average cost. Fees of the exit do not count. After any stop, the strategy buys again only once it has been ' +
      'flat and is long again. If the strategy is removed from the spec, its open positions keep their stops; a stop whose ' +
      'field is removed from a strategy ends.',
    2,
  ).exactOptional(),
  trailingStopPercent: percentField(
    'Trailing stop, in percent of the highest best bid since the entry: "5" sells a position once two best bids in a ' +
      'row are at least 5 % below it. The highest bid counts only once two bids in a row have reached it.',
    2,
  ).exactOptional(),
  takeProfitPercent: percentField(
    'Take profit, in percent of the entry price: "5" sells a position once two best bids in a row are at least 5 % ' +
      'above its average cost. Fees of the exit do not count.',
    4,
  ).exactOptional(),
  maxHoldingSeconds: intField(
    'Longest time for which a position is held, in seconds from when risk first sees it. It needs no price to trigger.',
    1,
    31_536_000,
  ).exactOptional(),
};
