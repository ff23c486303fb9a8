import type { TradingState } from '../../../services/shared/domain/trading-state.ts';
import { readStatus } from '../../../operator/api/v1alpha1/trading-stack/read-status.ts';
import type { TradingStackStatus } from '../../../operator/api/v1alpha1/trading-stack/status.ts';
import type { Kubectl } from '../kubectl.ts';
import type { StackPlace } from '../place.ts';
import { query } from '../trading.ts';
import { until } from '../until.ts';

/** Guards against hanging only; how fast a halt is, the benchmark measures. */
const WITHIN = { withinMs: 120_000, everyMs: 50 };
/** A stack whose trading state is changed, and how to reach it. */
export interface Halting {
  readonly kubectl: Kubectl;
  readonly place: StackPlace;
}

interface StackView {
  readonly metadata: { readonly generation: number };
  readonly status?: unknown;
}

interface PodView {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly status: { readonly containerStatuses?: readonly { readonly restartCount: number }[] };
}

/** Returns the status as it is stored, and whether it describes the present spec. */
export async function stackStatus({
  kubectl,
  place,
}: Halting): Promise<{ readonly status: TradingStackStatus; readonly current: boolean }> {
  const { namespace, name } = place;
  const view = await kubectl.json<StackView>('-n', namespace, 'get', 'tradingstack', name);
  const status = readStatus(view.status);
  return { status, current: status.observedGeneration === view.metadata.generation };
}

/** Members of a spec that tests change. */
export interface StackSpec {
  readonly release: { readonly image: string };
  readonly strategies: readonly object[];
}

/** Returns the spec as it is stored. */
export async function stackSpec({ kubectl, place }: Halting): Promise<StackSpec> {
  return (await kubectl.json<{ readonly spec: StackSpec }>('-n', place.namespace, 'get', 'tradingstack', place.name))
    .spec;
}

/** Waits until the condition Halted is True, and returns the time after which the venue may receive no order. */
export async function untilHalted(halting: Halting): Promise<number> {
  await until(
    'the condition Halted to be True',
    async () => {
      const { status, current } = await stackStatus(halting);
      const halted = status.conditions?.find(({ type }) => type === 'Halted');
      if (!current || halted?.status !== 'True')
        throw new Error(`Halted is ${halted?.status}: ${halted?.reason} - ${halted?.message}`);
      return true;
    },
    WITHIN,
  );
  return Date.now();
}

/** Waits until the processes report a trading state that all sources together request. Returns the time of it. */
export async function untilTradingState(halting: Halting, state: TradingState): Promise<number> {
  await until(
    `the trading state ${state}`,
    async () => {
      const { trading } = (await stackStatus(halting)).status;
      if (trading?.state !== state || trading.requested !== state) throw new Error(JSON.stringify(trading));
      return true;
    },
    WITHIN,
  );
  return Date.now();
}

/**
 * Waits until the sender has confirmed that the venue lists none of the stack's orders as open. Returns when the venue
 * was asked.
 */
export async function untilNoneOpen(halting: Halting): Promise<number> {
  return await until(
    'the venue to list no open order',
    async () => {
      const { halt } = (await stackStatus(halting)).status;
      if (halt?.confirmed?.openOrders !== 0) throw new Error(JSON.stringify(halt));
      return Date.parse(halt.confirmed.at);
    },
    WITHIN,
  );
}

/** Waits until risk has refused a signal because of a trading state, without which it would have been sent. */
export async function untilRefused({ kubectl, place }: Halting, state: TradingState, sinceMs: number): Promise<void> {
  const since = `decided_at > to_timestamp(${sinceMs} / 1000.0)`;
  const sql = `SELECT strategy FROM risk.decisions WHERE stack = '${place.id}' AND code = '${state}' AND ${since} LIMIT 1`;
  await until(
    `risk to refuse a signal as ${state}`,
    async () => ((await query(kubectl, place, sql)).length > 0 ? true : undefined),
    { withinMs: 120_000, everyMs: 250 },
  );
}

/** Waits until the column BLOCKED-BY shows a problem. */
export async function untilBlocked(halting: Halting, by: RegExp): Promise<void> {
  await until(`blockedBy ${by}`, async () => {
    const { blockedBy = '' } = (await stackStatus(halting)).status;
    if (!by.test(blockedBy)) throw new Error(`blockedBy is "${blockedBy}"`);
    return true;
  });
}

/** Waits until the status describes the resource, and until what it says about an ignored lift fits. Returns that. */
export async function untilIgnored(
  halting: Halting,
  fits: (ignored: string | undefined) => boolean,
): Promise<string | undefined> {
  const found = await until('the status to describe the resource', async () => {
    const { status, current } = await stackStatus(halting);
    const ignored = status.trading?.ignored;
    if (!current || !fits(ignored)) throw new Error(JSON.stringify(status.trading));
    return { ignored };
  });
  return found.ignored;
}

/** What a change of the trading state must leave as it is. */
export async function runningParts(halting: Halting): Promise<object> {
  const { current, target } = (await stackStatus(halting)).status.release ?? {};
  return { current, target, pods: await carriersOf(halting) };
}

/** Identifies the processes that obey the trading state, so that a restart of one of them is seen. */
async function carriersOf({ kubectl, place }: Halting): Promise<readonly string[]> {
  const selector = `tradingstack.dev/stack=${place.name},tradingstack.dev/service in (risk,execution)`;
  const pods = ['-n', place.namespace, 'get', 'pods', '-l', selector] as const;
  const { items } = await kubectl.json<{ items: readonly PodView[] }>(...pods);
  return items
    .map(({ metadata, status }) => {
      const restarts = status.containerStatuses?.map(({ restartCount }) => restartCount) ?? [];
      return `${metadata.name} ${metadata.uid} restarts ${restarts.join()}`;
    })
    .sort();
}

/** The columns PHASE and HALT of `kubectl get`. */
export async function columnsOf({ kubectl, place }: Halting): Promise<string> {
  const line = await kubectl.run('-n', place.namespace, 'get', 'tradingstack', place.name, '--no-headers');
  const [, , phase, halt] = line.split(/ +/);
  return `${phase} ${halt}`;
}
