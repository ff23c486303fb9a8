import type { ServiceName } from '../../../services/shared/contracts/catalogue.ts';

/** Labels, annotations and names shared by the operator, the charts and users' selectors. */
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
/** Label selector of the objects that the operator watches. */
export const MANAGED_SELECTOR = `${MANAGED_BY_LABEL}=${OPERATOR_NAME}`;

/** Service hash that a workload was rendered for. */
export const RELEASE_ANNOTATION = `${DOMAIN}/release`;
/** Hash of the last applied object; an unchanged object is not written again. */
export const APPLIED_ANNOTATION = `${DOMAIN}/applied-hash`;
/**
 * Trading state that a person requests by annotation: Active, Reducing, Flattening or Halted. Only the value Active
 * lifts it, not the absence of the annotation.
 */
export const TRADING_STATE_ANNOTATION = `${DOMAIN}/trading-state`;
/** Reason that a person gives for the requested trading state. */
export const TRADING_STATE_REASON_ANNOTATION = `${DOMAIN}/trading-state-reason`;
/** ID of the last request of the plugin: with a new one each time, a request that is repeated is seen as such. */
export const TRADING_STATE_REQUEST_ANNOTATION = `${DOMAIN}/trading-state-request`;
/** Reason that a person gives for spec.flatten. */
export const FLATTEN_REASON_ANNOTATION = `${DOMAIN}/flatten-reason`;
/** ID of the last request of spec.flatten by the plugin. */
export const FLATTEN_REQUEST_ANNOTATION = `${DOMAIN}/flatten-request`;
/** Hash of an earlier release that a person wants to run, for as long as the annotation is there. */
export const ROLLBACK_ANNOTATION = `${DOMAIN}/rollback-to`;
/** Any text. A new one lets the release that failed try once more. */
export const RETRY_ANNOTATION = `${DOMAIN}/retry`;
/** Hash of the release whose sender may take over, where the spec asks for a person's approval. */
export const APPROVE_SWAP_ANNOTATION = `${DOMAIN}/approve-swap`;
/** Marks the record of a release, a ConfigMap, with the hash of the release. */
export const RECORD_LABEL = `${DOMAIN}/release-record`;
/** Keeps the TradingStack until its tiers are deleted in reverse order. */
export const FINALIZER = `${DOMAIN}/teardown`;

/**
 * Secrets that the operator creates in a namespace. A namespace holds one stack, so the names are fixed and the
 * operator's role can list them.
 */
export const CONTROL_SECRET = 'tradingstack-control';
export const PAPER_ACCOUNT_SECRET = 'tradingstack-paper-account';

/** Selector labels of the pods of a service. The selector of a Deployment is immutable. */
export function selectorOf(stack: string, service: ServiceName): Readonly<Record<string, string>> {
  return { [STACK_LABEL]: stack, [SERVICE_LABEL]: service };
}

/** Labels of every object that the operator creates for a stack. */
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
