import { randomUUID } from 'node:crypto';
import type { V1DeploymentSpec, V1PodTemplateSpec } from '@kubernetes/client-node';
import { MANAGED_BY_LABEL, OPERATOR_NAME } from '../../../../operator/api/v1alpha1/labels.ts';
import { parseSpec } from '../../../../operator/api/v1alpha1/trading-stack/trading-stack.ts';
import { renderRelease, type ServiceRelease } from '../../../../operator/releases/render-release.ts';
import { buildControlSecret } from '../../../../operator/resources/build-control-secret.ts';
import { buildPaperAccountSecret } from '../../../../operator/resources/build-paper-account-secret.ts';
import type { ChildObject } from '../../../../operator/resources/child-object.ts';
import { serviceObjectName, stackIdOf, type StackContext } from '../../../../operator/resources/stack-context.ts';
import type { ServiceName } from '../../../../services/shared/contracts/catalogue.ts';
import { sampleStack } from '../../../fixtures/sample-stack.ts';
import { SURROUNDINGS } from '../../../fixtures/stack-observation.ts';
import { NAMESPACE } from '../cluster/bench-cluster.ts';
import { STACK_CHANGE } from '../cluster/swap-stack.ts';
import { activatorOf } from './activator.ts';

/** A sender without the operator, and what it trades with: rendered by the operator's builders, applied as they are. */
export interface PeerObjects {
  /** ID of the stack in the database. */
  readonly stack: string;
  /** Name of the sender's objects, and of its Service. */
  readonly sender: string;
  /** Labels of the sender's pods. */
  readonly selector: Readonly<Record<string, string>>;
  readonly template: V1PodTemplateSpec;
  /** Everything but the workload of the sender, in the order of creation. */
  readonly objects: readonly ChildObject[];
}

/** What a sender needs; what decides, and what records bars, is left out. */
const SERVICES: ReadonlySet<ServiceName> = new Set(['migrations', 'exchange-simulator', 'ws', 'execution']);

export function peerObjects(name: string, image: string): PeerObjects {
  const parsed = parseSpec(sampleStack({ image, change: STACK_CHANGE }).spec);
  if ('problem' in parsed) throw new Error(parsed.problem);
  const context: StackContext = { name, namespace: NAMESPACE, uid: randomUUID(), spec: parsed.spec, ...SURROUNDINGS };
  const { tiers } = renderRelease(context, new Map());
  const services = tiers.flatMap((tier) => tier.services).filter(({ row }) => SERVICES.has(row.name));
  const sender = serviceObjectName(name, 'execution');
  const { template, selector } = podsOf(services);
  const [container] = template.spec?.containers ?? [];
  if (container === undefined) throw new TypeError('a sender without a container');
  template.spec?.containers.push(activatorOf(container, sender));
  const secrets = [
    buildControlSecret(context, randomUUID()),
    buildPaperAccountSecret(context, { apiKey: 'key', secretKey: randomUUID() }),
  ];
  const rendered = [...secrets, ...services.flatMap(({ objects }) => objects)].filter((each) => each !== undefined);
  return {
    stack: stackIdOf(context),
    sender,
    selector: selector.matchLabels ?? {},
    template,
    objects: rendered.filter(({ kind }) => kind !== 'NetworkPolicy').map(ownedByBench),
  };
}

function podsOf(services: readonly ServiceRelease[]): V1DeploymentSpec {
  const spec = services.find(({ deployment }) => deployment !== undefined)?.deployment?.spec;
  if (spec === undefined) throw new TypeError('no service sends orders');
  return ownedByBench(spec);
}

/**
 * Returns a copy that no TradingStack owns, or it would be collected at once, and that the operator does not manage: it
 * must not see it, and the admission policies refuse what claims to be the operator's.
 */
function ownedByBench<T extends object>(object: T): T {
  const label = `"${MANAGED_BY_LABEL}":`;
  const text = JSON.stringify(object).replaceAll(`${label}"${OPERATOR_NAME}"`, `${label}"bench"`);
  return JSON.parse(text, (key, value: unknown) => (key === 'ownerReferences' ? undefined : value)) as T;
}
