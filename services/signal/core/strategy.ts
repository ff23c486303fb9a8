import type { StrategySettings } from '../../shared/contracts/services/signal.ts';
import type { Stance } from '../../shared/domain/stance.ts';
import type { Bar } from './bars.ts';
import { donchianStance, donchianWindow } from './donchian.ts';
import { emaCrossStance, emaCrossWarmUp, emaCrossWindow } from './ema-cross.ts';

/** A strategy as a pure rule over closed bars. */
export interface Strategy {
  readonly name: string;
  readonly barSeconds: number;
  readonly symbols: readonly string[];
  /** Maximum number of closed bars that a decision uses. */
  readonly window: number;
  /** Number of closed bars needed before the first decision. */
  readonly warmUp: number;
  /** Identifies the rule and its parameters, so that a changed rule under the same name is recognized. */
  readonly fingerprint: string;
  /**
   * Returns the stance at the close of the newest bar. Depends only on the bars (oldest first) and the previous stance.
   */
  decide(bars: readonly Bar[], stance: Stance): Stance;
}

export function strategyOf(settings: StrategySettings): Strategy {
  return settings.kind === 'Donchian' ? donchian(settings) : emaCross(settings);
}

function donchian(settings: StrategySettings & { kind: 'Donchian' }): Strategy {
  const { name, barSeconds, symbols, entryBars, exitBars } = settings;
  return {
    name,
    barSeconds,
    symbols,
    window: donchianWindow(settings),
    warmUp: donchianWindow(settings),
    fingerprint: `Donchian ${barSeconds} ${entryBars} ${exitBars}`,
    decide: (bars, stance) => donchianStance(settings, bars, stance),
  };
}

function emaCross(settings: StrategySettings & { kind: 'EmaCross' }): Strategy {
  const { name, barSeconds, symbols, fastBars, slowBars } = settings;
  return {
    name,
    barSeconds,
    symbols,
    window: emaCrossWindow(settings),
    warmUp: emaCrossWarmUp(settings),
    fingerprint: `EmaCross ${barSeconds} ${fastBars} ${slowBars}`,
    decide: (bars, stance) => emaCrossStance(settings, bars, stance),
  };
}
