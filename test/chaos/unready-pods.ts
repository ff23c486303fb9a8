export interface PodView {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** Returns the names of pods that are not ready or are being deleted, without those that have ended, as of jobs. */
export function unreadyPods(pods: readonly PodView[]): readonly string[] {
  return pods.filter((pod) => !hasEnded(pod) && !isReady(pod)).map(({ metadata }) => metadata.name);
}

function hasEnded({ status }: PodView): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

function isReady({ metadata, status }: PodView): boolean {
  const ready = status.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True');
  return metadata.deletionTimestamp === undefined && ready === true;
}
