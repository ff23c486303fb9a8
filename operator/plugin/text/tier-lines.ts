import type { GateStatus, ServiceStatus, TierStatus } from '../../api/v1alpha1/trading-stack/status.ts';
import { since } from '../view/age.ts';
import { isPodWell, podLine } from '../view/pod-line.ts';
import type { PodView } from '../view/pod-view.ts';
import { podsOf, type StackReport } from '../view/stack-report.ts';
import { wrap } from './layout.ts';
import type { Page } from './page.ts';
import { mark, type Mark } from './style.ts';

const TIER_MARK: Readonly<Record<TierStatus['state'], Mark>> = {
  Waiting: 'waiting',
  Progressing: 'waiting',
  Passed: 'good',
  Degraded: 'bad',
};

/** Tiers with their gates and services, and the pods of each. */
export function tierLines(report: StackReport, page: Page): readonly string[] {
  const { tiers = [], services = [] } = report.status;
  return tiers.flatMap((tier) => [
    tierLine(tier, report, page),
    ...gateLines(tier.gates, report, page),
    ...services
      .filter((service) => service.tier === tier.name)
      .flatMap((service) => serviceLines({ service, tier }, report, page)),
  ]);
}

function tierLine({ name, state, since: from }: TierStatus, { nowMs }: StackReport, { style }: Page): string {
  return `  ${mark(TIER_MARK[state], style)} ${style.bold(name.padEnd(12))} ${state} for ${since(from, nowMs)}`;
}

function gateLines(gates: readonly GateStatus[], { nowMs }: StackReport, { columns, style }: Page): readonly string[] {
  const failing = gates.filter(({ ok }) => !ok);
  const passing = gates.filter(({ ok }) => ok).map(({ name }) => name);
  const count = passing.length === 1 ? '1 gate passes' : `${passing.length} gates pass`;
  return [
    ...(passing.length === 0
      ? []
      : [`    ${style.dim(wrap(`${count}: ${passing.join(', ')}`, columns, { indent: 4 }))}`]),
    ...failing.map(({ name, service, reason, message, since: from }) => {
      const where = service === undefined ? '' : ` in ${service}`;
      const why = message === '' ? reason : `${reason} - ${message}`;
      const text = `gate ${name} fails${where} for ${since(from, nowMs)}: ${why}`;
      return `    ${mark('bad', style)} ${style.bad(wrap(text, columns, { indent: 6 }))}`;
    }),
  ];
}

interface Place {
  readonly service: ServiceStatus;
  readonly tier: TierStatus;
}

function serviceLines({ service, tier }: Place, report: StackReport, page: Page): readonly string[] {
  const { columns, style } = page;
  const { name, ready, desired, message } = service;
  const head = `    ${mark(markOf(service, tier), style)} ${name.padEnd(19)} ${ready}/${desired}`;
  const isSaid = tier.gates.some((gate) => gate.service === name && `${gate.reason}: ${gate.message}` === message);
  const why = message === '' || isSaid ? '' : `\n        ${wrap(message, columns, { indent: 8 })}`;
  return [`${head}${why}`, ...podsOf(report, name).flatMap((pod) => podLines(pod, page))];
}

function markOf({ message, ready, desired }: ServiceStatus, { state }: TierStatus): Mark {
  if (message === '' && ready >= desired) return 'good';
  return state === 'Waiting' ? 'waiting' : 'bad';
}

function podLines(pod: PodView, { columns, style }: Page): readonly string[] {
  const text = wrap(podLine(pod), columns, { indent: 10, first: 8 });
  return [`        ${isPodWell(pod) ? style.dim(text) : style.warn(text)}`, ...checkLines(pod, { columns, style })];
}

function checkLines({ statusz }: PodView, { columns, style }: Page): readonly string[] {
  if (statusz === undefined) return [];
  if (!statusz.known) return [`          ${mark('unknown', style)} its checks are unknown`];
  const failing = statusz.value.checks.filter(({ ok, reason }) => !ok || reason !== 'Ok');
  return failing.map(({ name, ok, reason, message }) => {
    const text = wrap(`check ${name}: ${message === '' ? reason : `${reason} - ${message}`}`, columns, { indent: 12 });
    return `          ${mark(ok ? 'unknown' : 'bad', style)} ${ok ? style.warn(text) : style.bad(text)}`;
  });
}
