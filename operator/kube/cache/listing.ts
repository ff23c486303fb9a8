import type { KubeObject } from '../client/resource.ts';
import type { Listing, ReflectorLoop } from './loop-state.ts';

/** Requests a complete list. Rejects with KubeError, also when the signal fires. */
export async function requestListing<T extends KubeObject>(
  { options, state }: ReflectorLoop<T>,
  signal: AbortSignal,
): Promise<Listing<T>> {
  const { client, resource, namespace, labelSelector, fieldSelector, clock, metrics } = options;
  const begunMs = clock.monotonicMs();
  state.lastBegun += 1;
  const number = state.lastBegun;
  const list = await client.list(resource, { namespace, labelSelector, fieldSelector, signal });
  signal.throwIfAborted();
  metrics?.lists.inc({ resource: resource.plural });
  return { number, begunMs, list };
}

/** Records that the cache contains a list, and resolves the promises of everybody who asked before it began. */
export function confirmListing<T extends KubeObject>(
  { state }: ReflectorLoop<T>,
  { number, begunMs }: Listing<T>,
): void {
  state.lastContained = number;
  state.listBegunMs = begunMs;
  state.freshAtMs = Math.max(begunMs, state.freshAtMs ?? begunMs);
  state.failure = undefined;
  const { awaiting } = state;
  state.awaiting = awaiting.filter(({ after }) => after >= number);
  for (const { after, resolve } of awaiting) if (after < number) resolve();
}
