import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import type { PlanStep, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { PluginError } from '../call/plugin-error.ts';
import { isObserved } from '../view/stack-report.ts';
import type { StoredStack } from './read-stack.ts';

export type ObservedStatus = TradingStackStatus & { readonly plan: readonly PlanStep[] };

/** Returns the status with its plan. Throws PluginError `Unavailable` if it is not the present one, or has no plan. */
export function observedStatus({ metadata: { name }, status: stored }: StoredStack, nowMs: number): ObservedStatus {
  const status = readStatus(stored);
  if (!isObserved({ status, nowMs }))
    throw new PluginError('Unavailable', `no operator observes ${name}, so what it waits for is not known now`);
  const { plan } = status;
  if (plan === undefined)
    throw new PluginError('Unavailable', `the status of ${name} has no plan: its operator or its CRD is older`);
  return { ...status, plan };
}
