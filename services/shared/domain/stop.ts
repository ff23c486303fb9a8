/**
 * Rules that leave a position whatever its strategy wants. StopLoss and TakeProfit are distances from the entry price,
 * TrailingStop is one from the highest price since the entry, MaxHolding is a time.
 */
export const STOP_KINDS = ['StopLoss', 'TrailingStop', 'TakeProfit', 'MaxHolding'] as const;
export type StopKind = (typeof STOP_KINDS)[number];
