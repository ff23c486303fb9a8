import { KubeConfig } from '@kubernetes/client-node';
import { MANAGED_SELECTOR, RELEASE_ANNOTATION, SERVICE_LABEL } from '../../../../operator/api/v1alpha1/labels.ts';
import { createReflector } from '../../../../operator/kube/cache/reflector.ts';
import { pods } from '../../../../operator/kube/client/builtin-resources.ts';
import { createKubeClient } from '../../../../operator/kube/client/client.ts';
import type { Stored } from '../../../../operator/kube/client/resource.ts';
import { CATALOGUE } from '../../../../services/shared/contracts/catalogue.ts';
import { systemClock } from '../../../../services/shared/runtime/clock.ts';
import { createLogger } from '../../../../services/shared/runtime/logger.ts';
import { createPodListeners } from './pod-listeners.ts';
import { createStackAnswers } from './stack-answers.ts';

// A process of its own, so that its work is not done by the process that measures: answers at the address of each pod
// of each stack, as its process would. Ends with the process that started it.

const log = createLogger({ name: 'answerer', level: 'info' });
const kubeConfig = new KubeConfig();
kubeConfig.loadFromDefault();
const client = createKubeClient({ kubeConfig, clock: systemClock, log, userAgent: 'bench-answerer', lease: 'None' });
const reflector = createReflector({
  client,
  resource: pods,
  labelSelector: MANAGED_SELECTOR,
  clock: systemClock,
  log: createLogger({ name: 'answerer', level: 'warn' }),
});
const listeners = createPodListeners(createStackAnswers(Date.now), (error) => log.error({ err: error }, 'no answer'));
/** UIDs by key, because a change does not carry the object that it removed. */
const uids = new Map<string, string>();

reflector.onChange(({ key }) => {
  const pod = reflector.store.get(key);
  const before = uids.get(key);
  if (before !== undefined && before !== pod?.metadata.uid) listeners.close(before);
  if (pod === undefined) uids.delete(key);
  else uids.set(key, pod.metadata.uid);
  if (pod?.status?.phase === 'Running') open(pod, pod.status.podIP);
});
reflector.start();
await reflector.synced();
log.info('answering');

function open({ metadata }: Stored, ip: string | undefined): void {
  const { uid, namespace = '', labels, annotations } = metadata;
  const service = CATALOGUE.find(({ name }) => name === labels?.[SERVICE_LABEL])?.name;
  const release = annotations?.[RELEASE_ANNOTATION];
  if (service === undefined || release === undefined || ip === undefined) return;
  listeners.open({ uid, namespace, service, release }, ip);
}
