import type { ExitsStatus } from '../../../services/shared/contracts/statusz.ts';
import { since } from '../view/age.ts';
import { dustIn, overdueIn, whyOf, type ExitPosition } from '../view/exits.ts';
import type { Part } from '../view/part.ts';
import { adviceOf } from '../view/remedy.ts';
import type { Fact } from './fact.ts';
import { wrap } from './layout.ts';
import type { Page } from './page.ts';

interface Reported {
  readonly exits: Part<ExitsStatus>;
  readonly nowMs: number;
}

/** The section of `why`: the positions that should have been closed, and what to do. Empty only if there are none. */
export function exitLines({ exits, nowMs }: Reported, page: Page): readonly string[] {
  const { columns, style } = page;
  if (!exits.known)
    return [
      style.warn(wrap(`Positions that are not closed: unknown, ${exits.why}.`, columns, { indent: 2, first: 0 })),
    ];
  const overdue = overdueIn(exits.value, nowMs);
  if (overdue.length === 0) return [];
  return [style.warn('Positions that are not closed:'), ...overdue.flatMap((each) => positionLines(each, nowMs, page))];
}

function positionLines(position: ExitPosition, nowMs: number, { columns, style }: Page): readonly string[] {
  const { symbol, strategy, attempts, reason } = position;
  const row = (label: string, text: string): string => `  ${label.padEnd(9)}${wrap(text, columns, { indent: 11 })}`;
  const advice = reason === null ? undefined : adviceOf(reason, 'Orders', 'Checks');
  const wanted = `wanted for ${since(position.since, nowMs)} because ${becauseOf(position)}`;
  return [
    row('position', `${symbol} (strategy ${strategy}), ${wanted}, ${attemptsText(attempts)}`),
    style.bad(row('waiting', whyOf(position) === '' ? 'risk gives no reason' : whyOf(position))),
    ...(advice === undefined ? [] : [row('means', advice.meaning), row('remedy', advice.remedy)]),
    row('runbook', 'docs/runbook.md, "A position is not closed"'),
  ];
}

/** The line of `status`: none if every exit is done or recent. */
export function exitFacts({ exits, nowMs }: Reported, name: string): readonly Fact[] {
  if (!exits.known) return [{ label: 'exits', text: `unknown, ${exits.why}`, paint: 'warn' }];
  const overdue = overdueIn(exits.value, nowMs);
  const [first] = overdue;
  if (first === undefined) return [];
  const count = overdue.length === 1 ? '1 position is' : `${overdue.length} positions are`;
  const text = `${count} not closed; ${first.symbol} of ${first.strategy} for ${since(first.since, nowMs)}: ${whyOf(first)}`;
  return [{ label: 'exits', text: `${text} (kubectl tradingstack why ${name})`, paint: 'bad' }];
}

/** One line of `positions`, of a position that should be closed. */
export function closingLine(position: ExitPosition): string {
  const { symbol, strategy, attempts } = position;
  const why = whyOf(position);
  const wanted = `wanted because ${becauseOf(position)}, since ${position.since}, ${attemptsText(attempts)}`;
  return `closing ${symbol} (strategy ${strategy}), ${wanted}${why === '' ? '' : `; waiting: ${why}`}`;
}

/** One line of `positions`, of a position that cannot be sold. */
export function stayingLine(position: ExitPosition): string {
  const { symbol, strategy } = position;
  return `${symbol} (strategy ${strategy}) cannot be sold, and stays: ${whyOf(position)}`;
}

/** What a sale has left: the positions that cannot be sold, by name. `reported` is what the status says of it. */
export function soldText(reported: string, exits: Part<ExitsStatus>): string {
  if (!exits.known) return `${reported}\nWhich of them could not be sold, if any, is unknown: ${exits.why}.`;
  const { dustPositions } = exits.value;
  if (dustPositions === 0) return reported;
  const named = dustIn(exits.value).map((each) => `  ${each.symbol} of ${each.strategy}: ${whyOf(each)}`);
  const more = dustPositions - named.length;
  return [
    `Sold, and halted by risk, except for ${dustPositions} ${dustPositions === 1 ? 'position' : 'positions'} that cannot be sold:`,
    ...named,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
}

function becauseOf({ cause, stop }: ExitPosition): string {
  if (cause === 'Flat') return 'the strategy is flat';
  if (cause === 'Flattening') return 'a sale of every position is requested';
  return `a stop triggered${stop === null || stop === undefined ? '' : ` (${stop})`}`;
}

function attemptsText(attempts: number): string {
  return `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`;
}
