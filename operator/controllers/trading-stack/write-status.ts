import { OPERATOR_NAME } from '../../api/v1alpha1/labels.ts';
import type { TradingStackStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import type { TradingStackObject } from '../../api/v1alpha1/trading-stack/trading-stack.ts';
import { applyStatusIfChanged } from '../../kube/apply/apply-status.ts';
import type { LastWritten } from '../../kube/cache/last-written.ts';
import type { KubeClient } from '../../kube/client/client.ts';
import { isKubeError, type KubeError } from '../../kube/client/kube-error.ts';
import type { Logger } from '../../../services/shared/runtime/logger.ts';
import { tradingStacks, type Caches } from '../caches/stack-caches.ts';
import type { Observed } from './observe/observe.ts';
import { essentialParts, SENDER_PART } from './status/essential-parts.ts';
import { essentialHeader, essentialStatus } from './status/essential-status.ts';

export interface StatusOptions {
  readonly client: KubeClient;
  readonly caches: Pick<Caches, 'stacks'>;
  readonly lastWritten: LastWritten;
  readonly log: Logger;
}

/** What the API server has of a status. */
export interface StatusWritten {
  /** Whether it has the sender, with the epoch that an activation needs. */
  readonly execution: boolean;
}

/** Differs from the manager of the children, so that `kubectl get --show-managed-fields` shows what wrote a field. */
export const STATUS_MANAGER = `${OPERATOR_NAME}-status`;

/**
 * Writes a status. If the CRD refuses it, writes it without the release of risk that decides, and then without the
 * plan, which older CRDs do not know. If that is refused too, writes what must not be lost, and then as many parts of
 * it as the CRD takes, the most important first. Never throws because the CRD refuses something; throws for every other
 * reason. Bound: one request for each part.
 */
export async function writeStatus(
  options: StatusOptions,
  observed: Observed,
  status: TradingStackStatus,
  signal: AbortSignal,
): Promise<StatusWritten> {
  const put = async (candidate: TradingStackStatus): Promise<string | undefined> =>
    await putStatus(options, observed, candidate, signal);
  const problem = await put(status);
  if (problem === undefined) return { execution: true };
  const leftOut =
    (await writeWithoutNewer(put, status)) ??
    (await writeEssential(put, status, { problem, stored: observed.observation.stack.status }));
  const { name, namespace } = observed.observation.stack;
  options.log.error({ stack: `${namespace}/${name}`, problem, leftOut }, 'status refused by the CRD, parts left out');
  return { execution: !leftOut.includes(SENDER_PART) };
}

type Put = (candidate: TradingStackStatus) => Promise<string | undefined>;

/**
 * Returns the names of the parts that the CRD does not know; undefined if it refuses more. The plan has a step that an
 * older CRD does not know either.
 */
async function writeWithoutNewer(put: Put, status: TradingStackStatus): Promise<readonly string[] | undefined> {
  const { risk, ...withoutRisk } = status;
  const { plan, ...withoutPlan } = withoutRisk;
  const ofRisk = risk === undefined ? [] : ['status.risk'];
  if (risk !== undefined && (await put(withoutRisk)) === undefined) return ofRisk;
  return plan !== undefined && (await put(withoutPlan)) === undefined ? [...ofRisk, 'status.plan'] : undefined;
}

/** Returns the names of the parts that the CRD refuses, besides everything that is not essential. */
async function writeEssential(
  put: Put,
  status: TradingStackStatus,
  { problem, stored }: { readonly problem: string; readonly stored: TradingStackStatus },
): Promise<readonly string[]> {
  const leftOut = ['details'];
  if ((await put(essentialStatus(status, problem))) === undefined) return leftOut;
  let accepted = essentialHeader(status, problem);
  for (const { name, variants } of essentialParts(status, stored)) {
    for (const [index, variant] of variants.entries()) {
      const candidate = variant(accepted);
      const isAccepted = (await put(candidate)) === undefined;
      if (isAccepted) accepted = candidate;
      if (index === 0 && !isAccepted) leftOut.push(name);
      if (isAccepted) break;
    }
  }
  return leftOut;
}

/** Returns the refusal of the CRD; undefined if the status is stored. */
async function putStatus(
  { client, caches, lastWritten }: StatusOptions,
  { object, observation }: Observed,
  status: TradingStackStatus,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { name, namespace } = observation.stack;
  try {
    const written = await applyStatusIfChanged<TradingStackObject>({
      client,
      resource: tradingStacks,
      observed: object,
      status,
      fieldManager: STATUS_MANAGER,
      signal,
    });
    if (written.result !== 'unchanged')
      lastWritten.expectWritten(`${namespace}/${name}`, caches.stacks.followerOf(namespace, name), written.object);
    return undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return error.message;
  }
}

/** A field that the CRD lacks is an internal error (500) without a reason, so that only its text distinguishes it. */
function isRefusal(error: unknown): error is KubeError {
  if (isKubeError(error, 'Invalid')) return true;
  return isKubeError(error, 'Internal') && error.message.includes('field not declared in schema');
}
