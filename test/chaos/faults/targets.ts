import { CATALOGUE, senderRow } from '../../../services/shared/contracts/catalogue.ts';
import { senderPod, type ContainerChoice } from '../../e2e/container-process.ts';
import type { Kubectl } from '../../e2e/kubectl.ts';
import type { StackPlace } from '../../e2e/place.ts';

/** Databases of the platform chart. */
export const STORES = ['redis', 'postgres'] as const;

/** Services of a running stack. */
export const SERVICES: readonly string[] = CATALOGUE.filter(({ update }) => update !== 'Job').map(({ name }) => name);

/** What runs in the namespace of the stack. */
export const TARGETS: readonly string[] = [...SERVICES, ...STORES];

/** Selects the pods of a service or a store. */
export function podsOf({ namespace, name }: StackPlace, target: string): ContainerChoice {
  const isStore = STORES.some((store) => store === target);
  const service = `tradingstack.dev/service=${target},tradingstack.dev/stack=${name}`;
  return { namespace, selector: isStore ? `app.kubernetes.io/name=${target}` : service };
}

/** Selects the pod to strike: of execution the one that sends, and not its spare, unless none is known to send. */
export async function victimOf(kubectl: Kubectl, place: StackPlace, target: string): Promise<ContainerChoice> {
  const choice = podsOf(place, target);
  if (target !== senderRow().name) return choice;
  const pod = await senderPod(kubectl, place).catch(() => undefined);
  return pod === undefined ? choice : { ...choice, pod };
}
