import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import type { ContainerChoice } from '../../e2e/container-process.ts';
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
