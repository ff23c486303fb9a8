import type { Chain } from '../view/blocking-chain.ts';
import { isObserved, type StackReport } from '../view/stack-report.ts';
import { missingOf } from '../view/part.ts';
import { exitsIn } from '../view/exits.ts';
import { restrictionsOf } from '../view/restrictions.ts';
import { exitLines } from './exit-lines.ts';
import { wrap } from './layout.ts';
import type { Page } from './page.ts';

/** What waits for what, down to the cause, and what to do; then what restricts trading, and what is not sold. */
export function whyText(report: StackReport, chains: readonly Chain[], page: Page): string {
  const restrictions = restrictionLines(report, page);
  const exits = exitsIn(report.pods);
  const notClosed = exitLines({ exits, nowMs: report.nowMs }, page);
  const quiet = chains.length === 0 && restrictions.length === 0 && (!exits.known || notClosed.length === 0);
  return [
    ...(quiet ? [quietLine(report, exits.known, page)] : []),
    ...chains.flatMap((chain, index) => [...(index === 0 ? [] : ['']), ...chainLines(chain, page)]),
    ...(chains.length > 0 && restrictions.length > 0 ? [''] : []),
    ...restrictions,
    ...(notClosed.length > 0 && chains.length + restrictions.length > 0 ? [''] : []),
    ...notClosed,
    ...missingLines(report, page),
  ].join('\n');
}

function quietLine(report: StackReport, isExitsKnown: boolean, { style }: Page): string {
  const { name, status, version } = report;
  const release = status.release?.current ?? 'unknown';
  const named = version === '' ? '' : ` (version ${version})`;
  if (status.phase !== 'Running' || !isObserved(report))
    return style.warn(`${name} is ${status.phase ?? 'Unknown'}, and its status names no cause.`);
  const head = isExitsKnown ? style.good(`Nothing blocks ${name}.`) : style.warn(`No gate blocks ${name}.`);
  return `${head} Release ${release}${named} runs in all tiers, and trading is ${status.trading?.state ?? 'Unknown'}.`;
}

function chainLines({ links, advice, waiting }: Chain, { columns, style }: Page): readonly string[] {
  const tree = links.map(({ kind, text }, depth) => {
    const head = `${'  '.repeat(Math.max(0, depth - 1))}${depth === 0 ? '' : '└ '}${kind.padEnd(9)}`;
    const body = wrap(text, columns, { indent: head.length });
    return `${style.dim(head)}${depth === links.length - 1 ? style.bad(body) : body}`;
  });
  const row = (label: string, text: string): string =>
    `${style.bold(label.padEnd(9))}${wrap(text, columns, { indent: 9 })}`;
  return [
    ...tree,
    ...(waiting.length === 0 ? [] : [row('waiting', waiting.join(', '))]),
    ...(advice === undefined
      ? [row('remedy', 'This reason is of Kubernetes, not of TradingStack: see kubectl describe on the object above.')]
      : [row('means', advice.meaning), row('remedy', advice.remedy), row('runbook', advice.runbook)]),
  ];
}

function restrictionLines(report: StackReport, { columns, style }: Page): readonly string[] {
  const { trading } = report.status;
  const restrictions = restrictionsOf(report);
  if (restrictions.length === 0 && trading?.ignored === undefined) return [];
  const state = trading?.state ?? 'Unknown';
  return [
    style.warn(`Trading is ${state}: ${trading?.requested ?? 'a state'} is requested.`),
    ...restrictions.flatMap(({ line, lift }) => [
      `  source   ${wrap(line, columns, { indent: 11 })}`,
      // Not wrapped, so that a command can be copied.
      `  lifted   by ${lift}`,
    ]),
    ...(trading?.ignored === undefined ? [] : [`  ignored  ${wrap(trading.ignored, columns, { indent: 11 })}`]),
  ];
}

function missingLines({ pods, events }: StackReport, { columns, style }: Page): readonly string[] {
  const statuses = pods.known ? pods.value.flatMap(({ statusz }) => statusz ?? []) : [];
  const missing = missingOf([pods, ...statuses, events]);
  return missing.map((why) => `\n${style.warn(wrap(`Not seen: ${why}`, columns, { indent: 2, first: 0 }))}`);
}
