import type { KubePrograms } from '../kube-programs.ts';

/** Deletes namespaces with everything in them, and waits until they are gone, at most three minutes each. */
export async function removeNamespaces(
  { kubectl }: Pick<KubePrograms, 'kubectl'>,
  namespaces: readonly string[],
): Promise<void> {
  await kubectl(['delete', 'namespace', ...namespaces, '--ignore-not-found', '--wait=false']);
  for (const namespace of namespaces) {
    await kubectl(['wait', '--for=delete', `namespace/${namespace}`, '--timeout=180s']);
  }
}
