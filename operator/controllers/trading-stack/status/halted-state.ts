import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import type { TradingState } from '../../../../services/shared/domain/trading-state.ts';
import type { ConditionReason } from '../../../api/v1alpha1/conditions.ts';
import { conditionLine, steadyMessage } from '../../../api/v1alpha1/status-text.ts';
import { isUnsaved } from '../trading/plan-trading.ts';
import { reducingLine, requesters } from '../trading/request-lines.ts';
import { no, unknown, yes, type ConditionState } from './condition-state.ts';
import type { Facts } from './facts.ts';
import { flattenLine, waitingFlattenLine } from './flatten-line.ts';

const ALL_CARRIERS = CATALOGUE.filter(({ carriesHalt }) => carriesHalt === true)
  .map(({ name }) => name)
  .join(' and ');

const RESTRICTED = {
  Reducing: 'ReducingRequested',
  Flattening: 'FlatteningRequested',
} as const satisfies Readonly<Record<string, ConditionReason>>;

/**
 * Returns the condition Halted. It is True only on the word of every process. A process that may run and does not
 * answer leaves it Unknown, whatever is requested: a person may have halted it without the operator.
 */
export function haltedState(facts: Facts): ConditionState {
  const { requested, state, ignored = '' } = facts.trading.trading;
  const found =
    requested === 'Halted'
      ? haltRequestedState(facts)
      : state === 'Unknown'
        ? unknown('StateUnknown', unknownLine(facts))
        : notHaltedState(requested, facts);
  if (requested === 'Active' && state !== 'Unknown') return found;
  const line = conditionLine([found.message, unsavedLine(facts), ignored].filter((part) => part !== '').join('; '));
  return { ...found, message: state === 'Unknown' ? steadyMessage(messageBefore(facts), line) : line };
}

function unsavedLine({ trading: { trading } }: Facts): string {
  const names = trading.sources.filter(isUnsaved).map(({ source, author }) => `${source} by ${author}`);
  return names.length === 0 ? '' : `not in the database yet, the operator keeps it: ${names.join(', ')}`;
}

function haltRequestedState(facts: Facts): ConditionState {
  const { trading, halt, pending, disobeyed } = facts.trading;
  const flattening = waitingFlattenLine(trading.sources);
  if (halt.active)
    return yes('HaltRequested', `${ALL_CARRIERS} report Halted, requested by ${halt.by ?? ''}${flattening}`);
  const waiting = `requested by ${halt.by ?? ''}; ${pending ?? 'not confirmed yet'}${flattening}`;
  return disobeyed ? no('HaltPending', waiting) : unknown('HaltUnconfirmed', waiting);
}

function notHaltedState(requested: Exclude<TradingState, 'Halted'>, facts: Facts): ConditionState {
  if (requested === 'Active') return no('NotHalted', '');
  return no(RESTRICTED[requested], facts.trading.pending ?? restrictionLine(requested, facts));
}

function unknownLine({ trading: { trading, pending = 'no process answers' } }: Facts): string {
  const { requested, sources } = trading;
  const by = requested === 'Active' ? '' : `${requested} is requested by ${requesters(sources, requested)}; `;
  return `${by}${pending}`;
}

/** A message in which only the age of a problem grows stays as it was. */
function messageBefore({ previous }: Facts): string | undefined {
  return previous.conditions?.find(({ type }) => type === 'Halted')?.message;
}

function restrictionLine(requested: keyof typeof RESTRICTED, facts: Facts): string {
  const { trading } = facts;
  if (requested === 'Reducing') return reducingLine(trading.trading.sources);
  return flattenLine(trading.flatten, requesters(trading.trading.sources, requested), messageBefore(facts));
}
