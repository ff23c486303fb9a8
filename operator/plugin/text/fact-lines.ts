import { since } from '../view/age.ts';
import { exitsIn } from '../view/exits.ts';
import { restrictionsOf } from '../view/restrictions.ts';
import { isObserved, type StackReport } from '../view/stack-report.ts';
import { wrap } from './layout.ts';
import { exitFacts } from './exit-lines.ts';
import type { Fact } from './fact.ts';
import type { Page } from './page.ts';
import { firstStepLine } from './plan-lines.ts';
import { releaseFacts } from './release-facts.ts';
import { riskFacts } from './risk-facts.ts';
import { ordersText, senderFacts } from './sender-facts.ts';

/** What a trader wants to know first: release, trading state, sender, account, and what blocks. */
export function factLines(report: StackReport, { columns, style }: Page): readonly string[] {
  const facts = [
    ...releaseFacts(report),
    ...planFacts(report),
    ...tradingFacts(report),
    ...riskFacts(report),
    ...senderFacts(report),
    ...accountFacts(report),
    ...exitFacts({ exits: exitsIn(report.pods), nowMs: report.nowMs }, report.name),
    ...blockedFacts(report),
  ];
  return facts.map(({ label, text, paint }) => {
    const head = `  ${label.padEnd(11)}`;
    const body = wrap(text, columns, { indent: head.length });
    return `${head}${paint === undefined ? body : style[paint](body)}`;
  });
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

function accountFacts({ pods }: StackReport): readonly Fact[] {
  const breakers = (pods.known ? pods.value : []).flatMap(({ statusz }) =>
    statusz?.known === true ? (statusz.value.breakers ?? []) : [],
  )[0];
  if (breakers === undefined) return [];
  const { currency, equity, dayProfit, problem, tripped } = breakers;
  const known = equity !== null && currency !== null;
  const value = known ? `${equity} ${currency}, ${dayProfit ?? 'unknown'} ${currency} today` : 'value unknown';
  const open = tripped.map(
    ({ breaker, symbol, message }) => `${breaker}${symbol === '' ? '' : ` ${symbol}`}: ${message}`,
  );
  return [
    { label: 'account', text: problem === '' ? value : `${value}: ${problem}`, paint: known ? undefined : 'warn' },
    ...open.map((line): Fact => ({ label: 'breaker', text: line, paint: 'warn' })),
  ];
}

function planFacts({ status: { plan = [] } }: StackReport): readonly Fact[] {
  const line = firstStepLine(plan);
  return line === undefined ? [] : [{ label: 'next', text: `${line} (kubectl tradingstack plan)`, paint: 'warn' }];
}

function blockedFacts({ status: { blockedBy = '' }, name }: StackReport): readonly Fact[] {
  if (blockedBy === '') return [];
  return [{ label: 'blocked by', text: `${blockedBy} (kubectl tradingstack why ${name})`, paint: 'bad' }];
}
