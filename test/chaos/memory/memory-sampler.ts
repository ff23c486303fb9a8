import { OPERATOR_NAME } from '../../../operator/api/v1alpha1/labels.ts';
import { largestAnonymousBytes, findContainer } from '../../e2e/container-process.ts';
import type { ChaosStack } from '../faults/fault.ts';
import { pause } from '../faults/pause.ts';
import { podsOf, SERVICES, STORES } from '../faults/targets.ts';
import type { MemorySample } from './memory-growth.ts';
import { metricValue } from './metric-value.ts';

interface PodView {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels: Record<string, string> };
  readonly spec: {
    readonly containers: readonly { readonly ports?: readonly { readonly containerPort: number }[] }[];
  };
}

const EVERY_S = 20;

/**
 * Adds to `samples` what each process occupies, every 20 s while `work` runs: resident memory from the metrics of
 * services and operators, anonymous memory of the largest process of each store from its node. What is down or frozen
 * is left out.
 */
export async function withMemorySampled(
  stack: ChaosStack,
  samples: MemorySample[],
  work: () => Promise<void>,
): Promise<void> {
  const over = new AbortController();
  const sampling = sampleUntil(over.signal, async () => void samples.push(...(await samplesOf(stack))));
  try {
    await work();
  } finally {
    over.abort();
    await sampling;
  }
}

async function sampleUntil(over: AbortSignal, sample: () => Promise<void>): Promise<void> {
  while (!over.aborted) {
    await sample();
    await pause(EVERY_S, over);
  }
}

async function samplesOf(stack: ChaosStack): Promise<readonly MemorySample[]> {
  const pods = await metricsPods(stack).catch(() => []);
  const outcomes = await Promise.allSettled([
    ...STORES.map((store) => storeSample(stack, store)),
    ...pods.map((pod) => metricsSample(stack, pod)),
  ]);
  return outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? outcome.value : []));
}

async function storeSample({ kubectl, cluster, place }: ChaosStack, store: string): Promise<MemorySample> {
  const found = await findContainer(kubectl, podsOf(place, store));
  return {
    name: store,
    process: found.container,
    bytes: await largestAnonymousBytes(cluster, found),
    atMs: Date.now(),
  };
}

async function metricsPods({ kubectl, place, operatorNamespace }: ChaosStack): Promise<readonly PodView[]> {
  const inStack = `tradingstack.dev/stack=${place.name},tradingstack.dev/service in (${SERVICES.join(',')})`;
  const list = async (namespace: string, selector: string): Promise<readonly PodView[]> =>
    (await kubectl.json<{ items: readonly PodView[] }>('-n', namespace, 'get', 'pods', '-l', selector)).items;
  return [
    ...(await list(place.namespace, inStack)),
    ...(await list(operatorNamespace, `app.kubernetes.io/name=${OPERATOR_NAME}`)),
  ];
}

async function metricsSample({ kubectl }: ChaosStack, { metadata, spec }: PodView): Promise<MemorySample> {
  const port = spec.containers[0]?.ports?.[0]?.containerPort;
  const text = await kubectl.raw(
    `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}:${port}/proxy/metrics`,
  );
  const name = metadata.labels['tradingstack.dev/service'] ?? 'operator';
  const started = metricValue(text, 'process_start_time_seconds');
  const bytes = metricValue(text, 'process_resident_memory_bytes');
  return { name, process: `${metadata.name} ${started}`, bytes, atMs: Date.now() };
}
