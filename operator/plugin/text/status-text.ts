import { observedAgeMs, isObserved, type StackReport } from '../view/stack-report.ts';
import { duration, since } from '../view/age.ts';
import { missingOf } from '../view/part.ts';
import { factLines } from './fact-lines.ts';
import { clean, wrap } from './layout.ts';
import type { Page } from './page.ts';
import type { Style } from './style.ts';
import { tierLines } from './tier-lines.ts';

/** The whole picture of a stack, for a person. */
export function statusText(report: StackReport, page: Page): string {
  return [
    headLine(report, page),
    ...observedLines(report, page),
    ...factLines(report, page),
    ...section('TIERS', tierLines(report, page), page),
    ...section('CONDITIONS', conditionLines(report, page), page),
    ...section('LAST EVENTS', eventLines(report, page), page),
    ...section('NOT SHOWN', missingLines(report, page), page),
  ].join('\n');
}

function section(title: string, lines: readonly string[], { style }: Page): readonly string[] {
  return lines.length === 0 ? [] : ['', style.bold(title), ...lines];
}

const PHASE_STYLE: Readonly<Record<string, keyof Style>> = {
  Running: 'good',
  Degraded: 'bad',
  Stalled: 'bad',
};

function headLine({ name, namespace, status, deleting }: StackReport, { style }: Page): string {
  const phase = deleting ? 'Terminating' : (status.phase ?? 'Unknown');
  const ready = status.ready === undefined ? 'readiness unknown' : `${status.ready} services ready`;
  const paint = style[PHASE_STYLE[phase] ?? 'warn'];
  return `${style.bold(clean(name))}  ${status.mode ?? 'mode unknown'}  ${paint(phase)}  ${ready}  ${style.dim(`namespace ${namespace}`)}`;
}

function observedLines(report: StackReport, { columns, style }: Page): readonly string[] {
  const ageMs = observedAgeMs(report);
  const label = '  observed   ';
  if (ageMs !== undefined && isObserved(report)) return [`${label}${duration(ageMs)} ago by the operator`];
  const text =
    ageMs === undefined
      ? 'never: no operator has observed this stack'
      : `${duration(ageMs)} ago: no operator observes this stack now, and what follows is as old, except for the pods`;
  return [`${label}${style.bad(wrap(text, columns, { indent: label.length }))}`];
}

/** Conditions that are good when True; all others are good when False. */
const WANTED: ReadonlySet<string> = new Set(['Ready', 'Available']);

function conditionLines({ status, nowMs }: StackReport, { columns, style }: Page): readonly string[] {
  return (status.conditions ?? []).map(({ type, status: is, reason, message, lastTransitionTime }) => {
    const head = `  ${type.padEnd(12)} ${is.padEnd(7)} ${since(lastTransitionTime, nowMs).padEnd(6)} `;
    const isGood = is === (WANTED.has(type) ? 'True' : 'False');
    const paint = isGood ? style.good : is === 'Unknown' ? style.warn : style.bad;
    const text = wrap(message === '' ? reason : `${reason}: ${message}`, columns, { indent: head.length });
    return `${head.replace(is, paint(is))}${text}`;
  });
}

const EVENTS_MAX = 6;

/** Events of the stack itself, and warnings about its objects: how pods start is in `events`. */
function eventLines({ events, nowMs }: StackReport, { columns, style }: Page): readonly string[] {
  if (!events.known) return [];
  const shown = events.value.filter(({ object, type }) => object.startsWith('tradingstack/') || type === 'Warning');
  return shown.slice(-EVENTS_MAX).map(({ atMs, type, reason, object, message }) => {
    const about = object.startsWith('tradingstack/') ? '' : `${object}: `;
    const head = `  ${duration(nowMs - atMs).padEnd(6)} `;
    const text = wrap(`${reason}  ${about}${message}`, columns, { indent: head.length });
    return `${head}${type === 'Warning' ? style.warn(text) : text}`;
  });
}

function missingLines({ pods, events }: StackReport, { columns, style }: Page): readonly string[] {
  const statuses = pods.known ? pods.value.flatMap(({ statusz }) => statusz ?? []) : [];
  return missingOf([pods, ...statuses, events]).map((why) => `  ${style.warn(wrap(why, columns, { indent: 2 }))}`);
}
