import { readStatus } from '../../api/v1alpha1/trading-stack/read-status.ts';
import { readSwitches, type Switches } from '../../api/v1alpha1/trading-stack/switches.ts';
import type { GateStatus, TierStatus, TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import type { EventView } from './event-view.ts';
import type { Part } from './part.ts';
import type { PodView } from './pod-view.ts';

/** Everything that was read of a stack at one time. */
export interface StackReport {
  readonly nowMs: number;
  readonly name: string;
  readonly namespace: string;
  readonly createdAt: string | undefined;
  readonly deleting: boolean;
  /** Of spec.release; empty if unset. */
  readonly version: string;
  readonly image: string;
  readonly switches: Switches;
  readonly status: TradingStackStatus;
  readonly pods: Part<readonly PodView[]>;
  /** The oldest first. */
  readonly events: Part<readonly EventView[]>;
}

export type Surroundings = Pick<StackReport, 'nowMs' | 'pods' | 'events'>;

/** Puts together what was read. Parts of the resource that are not understood count as absent. */
export function stackReport({ metadata = {}, spec, status }: TradingStackObject, read: Surroundings): StackReport {
  const { version = '', image = '' } = releaseOf(spec);
  return {
    ...read,
    name: metadata.name ?? '',
    namespace: metadata.namespace ?? '',
    createdAt: metadata.creationTimestamp,
    deleting: metadata.deletionTimestamp !== undefined,
    version,
    image,
    switches: readSwitches(spec),
    status: readStatus(status),
  };
}

function releaseOf(spec: unknown): { readonly version?: string; readonly image?: string } {
  const { release } = (typeof spec === 'object' && spec !== null ? spec : {}) as { readonly release?: unknown };
  return typeof release === 'object' && release !== null ? release : {};
}

/** A status is renewed every minute: an older one than this says that no operator observes the stack. */
export const OBSERVED_MAX_MS = 120_000;

/** Returns the age of the status; undefined if no operator has ever observed the stack. */
export function observedAgeMs({ status, nowMs }: Pick<StackReport, 'status' | 'nowMs'>): number | undefined {
  return status.observedAt === undefined ? undefined : Math.max(0, nowMs - Date.parse(status.observedAt));
}

/** Whether an operator observes the stack now, so that its status is the present one. */
export function isObserved(report: Pick<StackReport, 'status' | 'nowMs'>): boolean {
  return (observedAgeMs(report) ?? Number.POSITIVE_INFINITY) <= OBSERVED_MAX_MS;
}

/** Returns the pods of a service; empty if they could not be read. */
export function podsOf({ pods }: Pick<StackReport, 'pods'>, service: string): readonly PodView[] {
  return pods.known ? pods.value.filter((pod) => pod.service === service) : [];
}

/** Whether everything is as it should be: observed, Running, and able to trade. */
export function isAsWanted(report: StackReport): boolean {
  return isObserved(report) && report.status.phase === 'Running' && !report.deleting;
}

/** Returns the gates that keep a tier from passing: not its soak, which cannot begin while another one fails. */
export function failingGates({ gates }: TierStatus): readonly GateStatus[] {
  const failing = gates.filter(({ ok }) => !ok);
  return failing.length === 1 ? failing : failing.filter(({ name }) => name !== 'Soaked');
}
