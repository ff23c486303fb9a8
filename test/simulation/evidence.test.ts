import { expect, it } from 'vitest';
import { START_MS } from '../../services/replay/context.ts';
import type { ExitStep } from '../../services/replay/core/exit-step.ts';
import { QUIET_NETWORK } from '../../services/replay/core/network.ts';
import { runReplay } from '../../services/replay/run-replay.ts';
import { parseDecimal } from '../../services/shared/domain/decimal.ts';
import { problemsOf } from './evidence.ts';
import { sampleSettings, sampleTape } from './sample-settings.ts';

const settings = sampleSettings();
const tape = sampleTape(settings);
const position = { strategy: 'planted', symbol: 'XRP/ETH', at_ms: START_MS };

/** Judges a sound run to which a position is added that should be left, and that nobody works. */
async function judged(quantity: string): Promise<readonly string[]> {
  const result = await runReplay({ settings, tape, network: QUIET_NETWORK, playMs: 60_000 });
  const planted: readonly ExitStep[] = [
    { ...position, kind: 'Held', quantity: parseDecimal(quantity) },
    { ...position, kind: 'Stance', stance: 'Flat', bar_close: START_MS, changed_at: START_MS },
  ];
  result.record.exitSteps.unshift(...planted);
  return problemsOf(result);
}

it.each(['0.8', '1', '141.4'])('a position of %s XRP must be worked', async (quantity) => {
  expect(await judged(quantity)).toEqual(['I9: no sale worked planted XRP/ETH for 60000 ms, until 1767225660000']);
});

// 0.001 ETH, the minimum notional of the sample, is 0.72 XRP at the lowest price of the tape.
it.each(['0.1', '0.6', '0.7'])('a position of %s XRP is too small for the venue', async (quantity) => {
  expect(await judged(quantity)).toEqual([]);
});
