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
  /** Closed bars that a decision looks at, at most. */
  readonly window: number;
  /** Closed bars before the first decision. */
  readonly warmUp: number;
  /** Tells the same rule from a changed one under the same name. */
  readonly fingerprint: string;
  /** The stance at the close of the newest bar: depends on nothing but the bars (oldest first) and the stance before. */
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
