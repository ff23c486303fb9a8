import { TRADING_STATES, type TradingState } from '../../../../../services/shared/domain/trading-state.ts';
import { TRADING_STATE_ANNOTATION, TRADING_STATE_REASON_ANNOTATION } from '../../../../api/v1alpha1/labels.ts';
import { annotatedState } from '../../../../api/v1alpha1/trading-stack/annotated-state.ts';

const FIELD = `annotation ${TRADING_STATE_ANNOTATION}`;
const STATES = `${TRADING_STATES.slice(0, -1).join(', ')} or ${TRADING_STATES.at(-1)}`;
const REASON_MAX = 300;
const VALUE_MAX = 60;

interface AnnotationRequest {
  readonly field: string;
  readonly state: TradingState;
  readonly reason: string;
}

/** Returns what the annotation requests. A value that is no trading state halts, and the reason quotes it. */
export function annotationRequest(annotations: Readonly<Record<string, string>>): AnnotationRequest {
  const value = annotations[TRADING_STATE_ANNOTATION];
  const given = annotations[TRADING_STATE_REASON_ANNOTATION] ?? '';
  const state = annotatedState(value);
  if (state !== undefined) return { field: FIELD, state, reason: given === '' ? FIELD : cutReason(given) };
  const shown = JSON.stringify(value?.slice(0, VALUE_MAX));
  const problem = `the annotation is ${shown}, which is no trading state, so it halts; use ${STATES}`;
  return {
    field: FIELD,
    state: 'Halted',
    reason: cutReason(given === '' ? problem : `${problem} (${given})`),
  };
}

/** Cuts a reason to what the status may have; half a character at the end would differ from it at each pass. */
export function cutReason(reason: string): string {
  return reason.slice(0, REASON_MAX).toWellFormed();
}
