/** The part of a TradingStack that shows its progress. */
export interface StackView {
  readonly metadata: { readonly name: string; readonly uid: string; readonly generation: number };
  readonly spec?: { readonly halt?: boolean };
  readonly status?: {
    readonly trading?: { readonly requested?: string };
    readonly observedGeneration?: number;
    readonly phase?: string;
    readonly ready?: string;
    readonly blockedBy?: string;
    readonly tiers?: readonly { readonly name: string; readonly state: string }[];
    readonly execution?: { readonly active?: string; readonly epoch?: number };
  };
}

type Status = NonNullable<StackView['status']>;

/** One line: phase, services that are ready, how far the tiers are, and what blocks. */
export function stackLine({ status }: StackView): string {
  if (status?.phase === undefined) return 'Pending, the operator has not seen it yet';
  const parts = [status.phase.padEnd(11), `ready ${status.ready ?? '-'}`, tierText(status), senderText(status)];
  return [...parts, status.blockedBy ?? ''].filter((part) => part !== '').join('  ');
}

function tierText({ tiers = [] }: Status): string {
  const index = tiers.findIndex(({ state }) => state !== 'Passed');
  return index < 0 ? `all ${tiers.length} tiers` : `tier ${index + 1}/${tiers.length} ${tiers[index]?.name}`;
}

function senderText({ execution }: Status): string {
  return execution?.active === undefined ? '' : `sender ${execution.active} epoch ${execution.epoch ?? 0}`;
}
