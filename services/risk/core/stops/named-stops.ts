import { DecimalError, formatDecimal, type Decimal } from '../../../shared/domain/decimal.ts';
import type { StopKind } from '../../../shared/domain/stop.ts';
import { priceLevels, type WatchedPosition } from './stop-trigger.ts';

/** A stop in words, such as "stop loss at 0.00133". */
export interface NamedStop {
  readonly kind: StopKind;
  readonly text: string;
}

/** Returns the stops of a position in words. The trailing one has no level here, because that moves with the market. */
export function namedStops(position: WatchedPosition): readonly NamedStop[] {
  const { rules, openedAtMs } = position;
  const { stopLossPercent, trailingStopPercent, takeProfitPercent, maxHoldingSeconds } = rules;
  const until = maxHoldingSeconds === undefined ? undefined : new Date(openedAtMs + maxHoldingSeconds * 1_000);
  const named = (kind: StopKind, name: string, place: string | undefined): readonly NamedStop[] =>
    place === undefined ? [] : [{ kind, text: `${name} ${place}` }];
  return [
    ...named('StopLoss', 'stop loss', levelText(position, 'StopLoss') ?? distanceText(stopLossPercent)),
    ...named('TrailingStop', 'trailing stop', distanceText(trailingStopPercent)),
    ...named('TakeProfit', 'take profit', levelText(position, 'TakeProfit') ?? distanceText(takeProfitPercent)),
    ...named('MaxHolding', 'longest holding', until && `until ${until.toISOString()}`),
  ];
}

function distanceText(percent: Decimal | undefined): string | undefined {
  return percent === undefined ? undefined : `of ${formatDecimal(percent)} %`;
}

/** Undefined without this stop, while the entry price is unknown, and for a level that is no decimal. */
function levelText(position: WatchedPosition, kind: StopKind): string | undefined {
  try {
    const level = priceLevels(position).find((one) => one.kind === kind)?.level;
    return level === undefined ? undefined : `at ${formatDecimal(level)}`;
  } catch (error) {
    if (!(error instanceof DecimalError)) throw error;
    return undefined;
  }
}
