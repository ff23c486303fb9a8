import { senderRow } from '../../../services/shared/contracts/catalogue.ts';
import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import type { ExecutionStatus, SoakStatus, WaitingRelease } from '../../api/v1alpha1/trading-stack/status.ts';
import { duration, since } from '../view/age.ts';
import { restrictionsOf } from '../view/restrictions.ts';
import { isObserved, type StackReport } from '../view/stack-report.ts';
import { wrap } from './layout.ts';
import type { Page } from './page.ts';
import type { Style } from './style.ts';

interface Fact {
  readonly label: string;
  readonly text: string;
  readonly paint?: keyof Style | undefined;
}

/** What a trader wants to know first: release, trading state, sender, account, and what blocks. */
export function factLines(report: StackReport, { columns, style }: Page): readonly string[] {
  const facts = [
    releaseFact(report),
    ...tradingFacts(report),
    ...senderFacts(report),
    ...accountFacts(report),
    ...blockedFacts(report),
  ];
  return facts.map(({ label, text, paint }) => {
    const head = `  ${label.padEnd(11)}`;
    const body = wrap(text, columns, { indent: head.length });
    return `${head}${paint === undefined ? body : style[paint](body)}`;
  });
}

function releaseFact({ status: { release }, version, nowMs }: StackReport): Fact {
  const named = version === '' ? '' : ` (version ${version})`;
  if (release === undefined) return { label: 'release', text: `unknown${named}`, paint: 'warn' };
  const { desired, current } = release;
  if (current === desired) return { label: 'release', text: `${desired}${named} runs in all tiers` };
  if (release.waiting !== undefined)
    return { label: 'release', text: waitingLine(release.waiting, release.target, nowMs), paint: 'warn' };
  const runs = current === undefined ? 'no release has run in all tiers yet' : `${current} ran in all tiers before`;
  return { label: 'release', text: `${desired}${named} is being rolled out; ${runs}`, paint: 'warn' };
}

function waitingLine(
  { release, since: from, opensAt }: WaitingRelease,
  runs: string | undefined,
  nowMs: number,
): string {
  const opening = opensAt === undefined ? 'never opens' : `opens at ${opensAt}`;
  const waits = `${release} has waited for the maintenance window for ${since(from, nowMs)}; it ${opening}`;
  return runs === undefined ? waits : `${waits}; ${runs} runs`;
}

function tradingFacts(report: StackReport): readonly Fact[] {
  const { status, nowMs, switches } = report;
  const open = status.halt?.confirmed;
  const sources = restrictionsOf(report).map(({ line }): Fact => ({ label: '', text: line }));
  const listed =
    open === undefined ? '' : `${ordersText(open.openOrders)} at the venue, since ${since(open.at, nowMs)}`;
  const suspended = 'spec.suspend is true: the operator changes no object';
  return [
    tradingFact(report),
    ...sources,
    ...(listed === '' ? [] : [{ label: '', text: listed }]),
    ...(switches.suspend ? [{ label: 'suspended', text: suspended, paint: 'warn' } as const] : []),
  ];
}

function tradingFact(report: StackReport): Fact {
  const { status, nowMs } = report;
  const { trading, conditions = [] } = status;
  if (trading === undefined) return { label: 'trading', text: 'unknown', paint: 'warn' };
  const text = `${trading.state} for ${since(trading.since, nowMs)}`;
  if (trading.state === 'Active' && trading.requested === 'Active')
    return { label: 'trading', text, paint: isObserved(report) ? 'good' : 'warn' };
  const { message = '' } = conditions.find(({ type }) => type === 'Halted') ?? {};
  return {
    label: 'trading',
    text: message === '' ? text : `${text}; ${message}`,
    paint: trading.state === 'Unknown' ? 'bad' : 'warn',
  };
}

function ordersText(count: number): string {
  return count === 1 ? '1 open order' : `${count === 0 ? 'no' : count} open orders`;
}

function senderFacts({ status, nowMs, pods }: StackReport): readonly Fact[] {
  const { execution } = status;
  if (execution === undefined) return [{ label: 'sender', text: 'unknown', paint: 'warn' }];
  const { active, epoch, transition } = execution;
  const processes = (pods.known ? pods.value : []).flatMap(({ name, service, statusz }) => {
    if (service !== senderRow().name || statusz?.known !== true) return [];
    const { sender } = statusz.value;
    return sender === undefined ? [] : [{ label: '', text: `${name}: ${senderLine(sender)}` }];
  });
  const started: readonly Fact[] =
    transition === undefined || transition.epoch <= epoch
      ? []
      : [
          {
            label: '',
            text: `${transition.to} is being activated in epoch ${transition.epoch} for ${since(transition.startedAt, nowMs)}`,
          },
        ];
  return [{ label: 'sender', ...activeFact(active, epoch) }, ...started, ...swapFacts(execution, nowMs), ...processes];
}

function swapFacts({ lastSwap }: ExecutionStatus, nowMs: number): readonly Fact[] {
  if (lastSwap === undefined) return [];
  const { from, to, at, gapMs, overlapMs = 0, soak } = lastSwap;
  const overlap = overlapMs > 0 ? `, both sent orders for ${overlapMs} ms` : '';
  const gap = gapMs === undefined ? 'gap not measured yet' : `gap ${gapMs} ms`;
  const swap: Fact = {
    label: '',
    text: `swapped from ${from} to ${to} ${since(at, nowMs)} ago, ${gap}${overlap}`,
    paint: overlap === '' ? undefined : 'bad',
  };
  return soak === undefined ? [swap] : [swap, soakFact(to, soak, nowMs)];
}

function soakFact(to: string, { state, since: from, message }: SoakStatus, nowMs: number): Fact {
  const what = message === '' ? '' : `: ${message}`;
  switch (state) {
    case 'Soaking':
      return {
        label: '',
        text: `${to} is on probation, without a change for ${since(from, nowMs)}${what}`,
        paint: 'warn',
      };
    case 'Failed':
      return { label: '', text: `${to} has failed its probation ${since(from, nowMs)} ago${what}`, paint: 'bad' };
    default:
      return { label: '', text: `${to} passed its probation ${since(from, nowMs)} ago${what}` };
  }
}

function activeFact(active: string, epoch: number): Omit<Fact, 'label'> {
  switch (active) {
    case 'none':
      return { text: `no process sends orders; highest epoch ${epoch}`, paint: 'warn' };
    case 'Unknown':
      return {
        text: `unknown: a process of execution does not answer, it may be sending; epoch ${epoch}`,
        paint: 'bad',
      };
    default:
      return { text: `execution ${active} sends orders in epoch ${epoch}` };
  }
}

function senderLine({ role, maySend, obstacle, openOrders }: NonNullable<Statusz['sender']>): string {
  const may = maySend === undefined ? [] : [maySend ? 'may send' : 'may not send'];
  const why = obstacle === undefined || obstacle === null ? [] : [`${obstacle.reason} - ${obstacle.message}`];
  const open =
    openOrders === undefined || openOrders === null
      ? ['open orders unknown']
      : [`${ordersText(openOrders.count)} at the venue ${duration(openOrders.ageMs)} ago`];
  return [role, ...may, ...why, ...open].join(', ');
}

function accountFacts({ pods }: StackReport): readonly Fact[] {
  const breakers = (pods.known ? pods.value : []).flatMap(({ statusz }) =>
    statusz?.known === true ? (statusz.value.breakers ?? []) : [],
  )[0];
  if (breakers === undefined) return [];
  const { currency, equity, dayProfit, problem, tripped } = breakers;
  const value =
    equity === null || currency === null
      ? `value unknown${problem === '' ? '' : `: ${problem}`}`
      : `${equity} ${currency}, ${dayProfit ?? 'unknown'} ${currency} today`;
  const open = tripped.map(
    ({ breaker, symbol, message }) => `${breaker}${symbol === '' ? '' : ` ${symbol}`}: ${message}`,
  );
  return [
    { label: 'account', text: value, paint: equity === null ? 'warn' : undefined },
    ...open.map((line): Fact => ({ label: 'breaker', text: line, paint: 'warn' })),
  ];
}

function blockedFacts({ status: { blockedBy = '' }, name }: StackReport): readonly Fact[] {
  if (blockedBy === '') return [];
  return [{ label: 'blocked by', text: `${blockedBy} (kubectl tradingstack why ${name})`, paint: 'bad' }];
}
