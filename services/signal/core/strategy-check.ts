import type { CHECK_REASONS } from '../../shared/contracts/reasons/checks.ts';
import type { Problem } from '../../shared/domain/problem.ts';
import type { Stance } from '../../shared/domain/stance.ts';

/** What a strategy knows of a symbol. */
export interface StrategyView {
  readonly strategy: string;
  readonly symbol: string;
  readonly barSeconds: number;
  /** Closed bars held, at most those needed. */
  readonly bars: number;
  /** Closed bars needed before it decides. */
  readonly warmUp: number;
  /** While warming: the stance of the previous run, if it is known. */
  readonly stance: Stance | undefined;
  /** How many of the bars needed lack trades. */
  readonly incomplete: number;
  /** Bars to close until none of the bars needed lacks trades. */
  readonly completeAfter: number;
}

interface StrategyProblem extends Problem {
  readonly reason: keyof typeof CHECK_REASONS & ('StrategyWarming' | 'BarsIncomplete');
}

/**
 * Returns what keeps a strategy from deciding as it should; undefined if nothing does. A strategy that warms up without
 * a stance of the previous run holds nothing back: it has opened nothing that it would have to leave.
 */
export function strategyProblem(view: StrategyView): StrategyProblem | undefined {
  const { strategy, symbol, bars, warmUp, stance, incomplete, completeAfter, barSeconds } = view;
  const name = `${strategy} on ${symbol}`;
  if (bars < warmUp && stance === 'Long') {
    const message = `${name} keeps the stance Long of the previous run; ${warmingText(view)}`;
    return { reason: 'StrategyWarming', message };
  }
  if (incomplete === 0) return undefined;
  const wait = `${completeAfter} more bars, ${durationText(completeAfter * barSeconds)} or longer`;
  const message = `${name} opens no position for ${wait}: trades are missing in ${incomplete} of its bars`;
  return { reason: 'BarsIncomplete', message };
}

/** Returns `3 of 21 bars, decides in 18 h or later`. Bars without trades do not count, so it may take longer. */
export function warmingText({ bars, warmUp, barSeconds }: StrategyView): string {
  return `${bars} of ${warmUp} bars, decides in ${durationText((warmUp - bars) * barSeconds)} or later`;
}

/** Returns two units at most: `18 h`, `2 h 30 min`, `90 s` as `1 min 30 s`. */
export function durationText(seconds: number): string {
  const [h, min, s] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60), seconds % 60];
  const parts = [`${h} h`, `${min} min`, `${s} s`].filter((part) => !part.startsWith('0 '));
  return parts.slice(0, 2).join(' ') || '0 s';
}
