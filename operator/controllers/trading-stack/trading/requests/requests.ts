import type { TradingState } from '../../../../../services/shared/domain/trading-state.ts';
import { readSwitches } from '../../../../api/v1alpha1/trading-stack/switches.ts';
import type { FieldManager } from '../../observe/field-managers.ts';
import type { ObservedStack } from '../../observe/observation.ts';
import { annotationRequest, cutReason } from './annotation-request.ts';

/** Sources that a field of the resource shows. */
export const FIELD_SOURCES = ['spec', 'spec-flatten', 'spec-state', 'annotation'] as const;
export type FieldSource = (typeof FIELD_SOURCES)[number];

/** The source of the operator itself: it sells every position before a swap. */
export const SWAP_SOURCE = 'swap';

/** Sources of the trading state that the operator decides. All others are rows of the database. */
export const OPERATOR_SOURCES = [...FIELD_SOURCES, SWAP_SOURCE] as const;
export type OperatorSource = (typeof OPERATOR_SOURCES)[number];

/** Trading state that one source of the resource shows now. */
export interface TradingRequest {
  readonly source: FieldSource;
  /** Where a person finds it, such as `spec.halt`. */
  readonly field: string;
  readonly state: TradingState;
  /** Field managers that set the field. Empty if nobody did: it is absent or a default. */
  readonly managers: readonly FieldManager[];
  readonly reason: string;
}

/** Returns the trading state that each source of the resource shows, whether or not the rest of the spec parses. */
export function requestsOf({ spec, annotations, flattenReason, managers }: ObservedStack): readonly TradingRequest[] {
  const { halt, flatten, tradingState } = readSwitches(spec);
  return [
    { source: 'spec', field: 'spec.halt', state: halt, managers: managers.halt, reason: 'spec.halt' },
    {
      source: 'spec-flatten',
      field: 'spec.flatten',
      state: flatten,
      managers: managers.flatten,
      reason: flattenLine(flatten, flattenReason),
    },
    {
      source: 'spec-state',
      field: 'spec.tradingState',
      state: tradingState,
      managers: managers.tradingState,
      reason: 'spec.tradingState',
    },
    { source: 'annotation', managers: managers.annotation, ...annotationRequest(annotations) },
  ];
}

function flattenLine(flatten: TradingState, reason: string): string {
  if (flatten === 'Halted') return 'spec.flatten is neither true nor false';
  return reason === '' ? 'spec.flatten' : cutReason(reason);
}
