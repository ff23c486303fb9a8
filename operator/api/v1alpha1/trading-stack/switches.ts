import { TRADING_STATES, type TradingState } from '../../../../services/shared/domain/trading-state.ts';
import { TRADING_STATE_ANNOTATION } from '../labels.ts';
import { annotatedState } from './annotated-state.ts';

/** Trading states that spec.tradingState may name. Flattening has a field of its own, because it ends Halted. */
export const SPEC_TRADING_STATES = ['Active', 'Reducing', 'Halted'] as const satisfies readonly TradingState[];

/** The fields of a spec that can stop something. */
export interface Switches {
  /** Requested by spec.halt: Halted or Active. */
  readonly halt: TradingState;
  /** Requested by spec.flatten: Flattening or Active. */
  readonly flatten: TradingState;
  /** Requested by spec.tradingState. */
  readonly tradingState: TradingState;
  readonly suspend: boolean;
}

/**
 * Reads the switches of a spec on their own, whatever the rest of it holds: a spec that does not parse still halts. A
 * value that is not understood counts as the most restrictive one, because it is certainly not "no halt".
 */
export function readSwitches(spec: unknown): Switches {
  const { halt, flatten, tradingState, suspend } = (typeof spec === 'object' && spec !== null ? spec : {}) as Record<
    string,
    unknown
  >;
  return {
    halt: isOff(halt) ? 'Active' : 'Halted',
    flatten: readFlatten(flatten),
    tradingState: readTradingState(tradingState),
    suspend: !isOff(suspend),
  };
}

/** Returns how restrictive the trading state is that the fields and the annotation of a stack ask for; 0 for Active. */
export function restrictionOf(spec: unknown, annotations: Readonly<Record<string, string>> = {}): number {
  const { halt, flatten, tradingState } = readSwitches(spec);
  const states = [halt, flatten, tradingState, annotatedState(annotations[TRADING_STATE_ANNOTATION]) ?? 'Halted'];
  return Math.max(...states.map((state) => TRADING_STATES.indexOf(state)));
}

/** Returns the trading state of the spec: Active when none is named, Halted for a name that is not in the list. */
function readTradingState(value: unknown): TradingState {
  if (value === undefined || value === null) return 'Active';
  return SPEC_TRADING_STATES.find((state) => state === value) ?? 'Halted';
}

/** A value that is not understood must not sell a position: it halts. */
function readFlatten(value: unknown): TradingState {
  if (isOff(value)) return 'Active';
  return value === true ? 'Flattening' : 'Halted';
}

function isOff(value: unknown): boolean {
  return value === undefined || value === null || value === false;
}
