import type { TradingState } from '../../../../../services/shared/domain/trading-state.ts';
import type { TradingStackStatus } from '../../../../api/v1alpha1/trading-stack/status.ts';
import { flatteningLine, reducingLine } from '../../trading/request-lines.ts';
import { event, type StackEvent } from './stack-event.ts';

/** Returns the events of the trading state: what is requested, what the processes report, and what is ignored. */
export function tradingEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  return [...requestEvents(before, after), ...haltEvents(before, after), ...ignoredEvents(before, after)];
}

function requestEvents(before: TradingStackStatus, after: TradingStackStatus): readonly StackEvent[] {
  const last = before.trading?.requested ?? 'Active';
  const requested = after.trading?.requested ?? 'Active';
  if (requested === last) return [];
  return [requestEvent(requested, last, after)];
}

function requestEvent(requested: TradingState, last: TradingState, { halt, trading }: TradingStackStatus): StackEvent {
  switch (requested) {
    case 'Halted':
      return event('Warning', 'HaltRequested', 'Halt', `a halt is requested by ${halt?.by ?? ''}`);
    case 'Flattening':
      return event('Warning', 'Flattening', 'Halt', flatteningLine(trading?.sources ?? []));
    case 'Reducing':
      return event('Warning', 'Reducing', 'Halt', reducingLine(trading?.sources ?? []));
    default:
      return event('Normal', 'HaltLifted', 'Halt', `new orders may be sent again; the state was ${last}`);
  }
}

function haltEvents(before: TradingStackStatus, { halt }: TradingStackStatus): readonly StackEvent[] {
  if (halt?.active !== true || before.halt?.active === true) return [];
  return [event('Warning', 'Halted', 'Halt', `risk and execution have halted; requested by ${halt.by ?? ''}`)];
}

function ignoredEvents(before: TradingStackStatus, { trading }: TradingStackStatus): readonly StackEvent[] {
  const ignored = trading?.ignored;
  return ignored === undefined || ignored === before.trading?.ignored
    ? []
    : [event('Warning', 'LiftIgnored', 'Halt', ignored)];
}
