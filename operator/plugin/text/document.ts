import { stringify } from 'yaml';
import type { StoredStack } from '../cluster/read-stack.ts';
import { missingOf, valueOr } from '../view/part.ts';
import type { StackReport } from '../view/stack-report.ts';

/** Returns a value as a document of the format that `-o` names. */
export function documentText(value: unknown, format: string): string {
  return format === 'yaml'
    ? stringify(value, { aliasDuplicateObjects: false }).trimEnd()
    : JSON.stringify(value, undefined, 2);
}

/** The facts of `status` for a program: the status as the API server has it, pods, events, and what is missing. */
export function stackDocument({ metadata, status }: StoredStack, report: StackReport): object {
  const { nowMs, pods, events } = report;
  const statuses = pods.known ? pods.value.flatMap(({ statusz }) => statusz ?? []) : [];
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    readAt: new Date(nowMs).toISOString(),
    status: status ?? null,
    pods: pods.known
      ? pods.value.map(({ statusz, ...pod }) => ({ ...pod, statusz: statusz?.known === true ? statusz.value : null }))
      : null,
    events: events.known
      ? valueOr(events, []).map(({ atMs, ...event }) => ({ at: new Date(atMs).toISOString(), ...event }))
      : null,
    missing: missingOf([pods, ...statuses, events]),
  };
}
