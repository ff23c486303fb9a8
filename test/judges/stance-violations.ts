import type { ExitStep } from '../../services/replay/core/exit-step.ts';

/**
 * Returns every violation of I11, as text: risk accepts no stance of a bar when a signal of a later bar of the same
 * position was published more than `boundMs` before. `steps` are in the order in which they happened.
 */
export function stanceViolations(steps: readonly ExitStep[], boundMs: number): readonly string[] {
  const signals = new Map<string, { readonly at_ms: number; readonly bar_close: number }[]>();
  const found: string[] = [];
  for (const step of steps) {
    if (step.kind !== 'Signalled' && step.kind !== 'Stance') continue;
    const name = `${step.strategy} ${step.symbol}`;
    const published = signals.get(name) ?? [];
    signals.set(name, published);
    if (step.kind === 'Signalled') {
      published.push(step);
      continue;
    }
    const newer = published.find(({ bar_close: barClose }) => barClose > step.bar_close);
    const outdatedMs = step.at_ms - (newer?.at_ms ?? step.at_ms);
    if (outdatedMs > boundMs) found.push(`I11: ${name} got a stance that was outdated for ${outdatedMs} ms`);
  }
  return found;
}
