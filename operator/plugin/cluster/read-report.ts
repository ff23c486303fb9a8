import type { Clock } from '../../../services/shared/runtime/clock.ts';
import { stackReport, type StackReport } from '../view/stack-report.ts';
import type { Cluster } from './cluster.ts';
import { readEvents } from './read-events.ts';
import { readPods } from './read-pods.ts';
import { readStack, type StoredStack } from './read-stack.ts';

export interface Read {
  readonly stack: StoredStack;
  readonly report: StackReport;
}

/** Reads a stack with its pods, what their processes report, and its events. Rejects if the stack cannot be read. */
export async function readReport(cluster: Cluster, name: string | undefined, clock: Clock): Promise<Read> {
  const stack = await readStack(cluster, name);
  const nowMs = clock.nowMs();
  const [pods, events] = await Promise.all([
    readPods(cluster, stack.metadata.name, nowMs),
    readEvents(cluster, stack.metadata.name),
  ]);
  return { stack, report: stackReport(stack, { nowMs, pods, events }) };
}
