import type { TradingStackStatus, TradingStatus } from '../../../api/v1alpha1/trading-stack/status.ts';

/** Name of the part with the epoch. */
export const SENDER_PART = 'status.execution';

/** One part of a status. Each variant adds it to those that were accepted; the first is the whole part. */
export interface EssentialPart {
  readonly name: string;
  readonly variants: readonly ((accepted: TradingStackStatus) => TradingStackStatus)[];
}

/**
 * Splits the essential status, for a CRD that refuses a value inside it: the sender, the trading state and each of its
 * requests, the most restrictive first, and the halt. A sender that is refused leaves the stored one, because its epoch
 * is the floor of the next.
 */
export function essentialParts(
  { execution, trading, halt }: TradingStackStatus,
  stored: TradingStackStatus,
): readonly EssentialPart[] {
  const sender = [execution, stored.execution].filter((each) => each !== undefined);
  return [
    { name: SENDER_PART, variants: sender.map((each) => (accepted) => ({ ...accepted, execution: each })) },
    ...(trading === undefined ? [] : tradingParts(trading)),
    ...(halt === undefined
      ? []
      : [{ name: 'status.halt', variants: [withHalt(halt), withHalt({ active: halt.active })] }]),
  ];
}

function withHalt(halt: NonNullable<TradingStackStatus['halt']>) {
  return (accepted: TradingStackStatus): TradingStackStatus => ({ ...accepted, halt });
}

/** An unknown state says nothing that is not so, and the strictest request is what a reader must not miss. */
function tradingParts({ sources, ignored: _text, ...trading }: TradingStatus): readonly EssentialPart[] {
  const bases = [trading, { ...trading, state: 'Unknown' as const }, { ...trading, requested: 'Halted' as const }];
  const ofBase = (base: typeof trading) => (accepted: TradingStackStatus) => ({
    ...accepted,
    trading: { ...base, sources: [] },
  });
  return [
    { name: 'status.trading', variants: bases.map(ofBase) },
    ...sources.map((source) => ({
      name: `status.trading.sources ${source.source}`,
      variants: [
        (accepted: TradingStackStatus): TradingStackStatus => ({
          ...accepted,
          trading: { ...trading, ...accepted.trading, sources: [...(accepted.trading?.sources ?? []), source] },
        }),
      ],
    })),
  ];
}
