import { TRADING_STATES, type TradingState } from '../../../../services/shared/domain/trading-state.ts';
import type { ObservedPod } from '../observe/observation.ts';
import { CARRIERS, reportedState } from './reported.ts';

/** Why a stack does not show the requested state as reached. */
export interface Pending {
  readonly message: string;
  readonly disobeyed: boolean;
}

/**
 * Returns the first process that does not report the requested state or a more restrictive one: one that disobeys
 * before one that is silent. Undefined if every process obeys.
 */
export function firstPending(pods: readonly ObservedPod[], requested: TradingState): Pending | undefined {
  const least = TRADING_STATES.indexOf(requested);
  const disobeying = pods.find((pod) => {
    const state = reportedState(pod);
    return state !== undefined && TRADING_STATES.indexOf(state) < least;
  });
  if (disobeying !== undefined) {
    const { name, command } = disobeying;
    const why = command === undefined ? '' : `: ${command.reason} - ${command.message}`;
    return { message: `${name} reports ${reportedState(disobeying) ?? ''}${why}`, disobeyed: true };
  }
  const silent = pods.find((pod) => reportedState(pod) === undefined);
  if (silent !== undefined) return { message: `${silent.name}: ${whySilent(silent)}`, disobeyed: false };
  const absent = CARRIERS.find((name) => !pods.some(({ service }) => service === name));
  return absent === undefined ? undefined : { message: `no process of ${absent} answers`, disobeyed: false };
}

function whySilent({ answer, command }: ObservedPod): string {
  if (command !== undefined) return `${command.reason} - ${command.message}`;
  return answer.kind === 'Silent' ? answer.message : 'its release does not report a trading state';
}
