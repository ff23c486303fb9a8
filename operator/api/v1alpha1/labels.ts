import type { ServiceName } from '../../../services/shared/contracts/catalogue.ts';

/** Labels, annotations and names that the operator, the charts and people's selectors share. */
export const DOMAIN = 'tradingstack.dev';
export const STACK_LABEL = `${DOMAIN}/stack`;
export const SERVICE_LABEL = `${DOMAIN}/service`;
export const TIER_LABEL = `${DOMAIN}/tier`;
export const COLOUR_LABEL = `${DOMAIN}/colour`;
export const USES_REDIS_LABEL = `${DOMAIN}/uses-redis`;
export const USES_POSTGRES_LABEL = `${DOMAIN}/uses-postgres`;
export const NAME_LABEL = 'app.kubernetes.io/name';
export const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name';

export const OPERATOR_NAME = 'tradingstack-operator';
/** What the operator's caches follow. */
export const MANAGED_SELECTOR = `${MANAGED_BY_LABEL}=${OPERATOR_NAME}`;

/** The release hash that a workload was rendered for. */
export const RELEASE_ANNOTATION = `${DOMAIN}/release`;
/** Hash of what was applied last, so that nothing is written when nothing changed. */
export const APPLIED_ANNOTATION = `${DOMAIN}/applied-hash`;
/** Keeps the object until tiers are taken down in order. */
export const FINALIZER = `${DOMAIN}/teardown`;

/** Secrets of a namespace; one stack has it, so their names are fixed and the operator's role can name them. */
export const CONTROL_SECRET = 'tradingstack-control';
export const PAPER_ACCOUNT_SECRET = 'tradingstack-paper-account';

/** What selects the pods of a service; immutable in a Deployment. */
export function selectorOf(stack: string, service: ServiceName): Readonly<Record<string, string>> {
  return { [STACK_LABEL]: stack, [SERVICE_LABEL]: service };
}

/** Labels of everything that the operator makes for a stack. */
export function labelsOf(stack: string, service?: ServiceName): Readonly<Record<string, string>> {
  return {
    [NAME_LABEL]: service ?? 'tradingstack',
    'app.kubernetes.io/instance': stack,
    'app.kubernetes.io/part-of': 'tradingstack',
    [MANAGED_BY_LABEL]: OPERATOR_NAME,
    [STACK_LABEL]: stack,
    ...(service === undefined ? {} : { [SERVICE_LABEL]: service }),
  };
}
