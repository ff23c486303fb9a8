import type { Statusz } from '../../../services/shared/contracts/statusz.ts';
import type { Part } from './part.ts';
import type { PodView } from './pod-view.ts';

/** Returns what the processes report; that of the active sender, and of the active release of a service, first. */
export function statusesOf(pods: Part<readonly PodView[]>): readonly Statusz[] {
  const statuses = (pods.known ? pods.value : []).flatMap(({ statusz }) =>
    statusz?.known === true ? [statusz.value] : [],
  );
  return statuses.toSorted((a, b) => Number(isActive(b)) - Number(isActive(a)));
}

/** Returns what the process that sends orders reports; undefined if none answers. */
export function senderStatus(pods: Part<readonly PodView[]>): Statusz | undefined {
  return statusesOf(pods).find(({ sender }) => sender !== undefined);
}

function isActive({ sender, activation }: Statusz): boolean {
  return sender?.role === 'active' || activation?.role === 'active';
}

/** Position of a pair, in base; realised and unrealised profit with their currency. */
export interface PairPosition {
  readonly symbol: string;
  readonly quantity: string;
  readonly realised: string;
  readonly unrealised: string;
}

const PREFIX = 'position.';

/** Returns the positions in the figures of execution, by symbol. */
export function positionsIn({ figures }: Pick<Statusz, 'figures'>): readonly PairPosition[] {
  const text = (name: string): string => String(figures[name] ?? 'unknown');
  return Object.keys(figures)
    .filter((name) => name.startsWith(PREFIX))
    .sort()
    .map((name) => {
      const symbol = name.slice(PREFIX.length);
      return {
        symbol,
        quantity: text(name),
        realised: text(`realised.${symbol}`),
        unrealised: text(`unrealised.${symbol}`),
      };
    });
}

const FEES_PREFIX = 'thirdAssetFees.';

/** Returns the fees in a third asset, which no profit of a position contains, such as `0.2 MX`; by asset. */
export function thirdAssetFeesIn({ figures }: Pick<Statusz, 'figures'>): readonly string[] {
  return Object.keys(figures)
    .filter((name) => name.startsWith(FEES_PREFIX))
    .sort()
    .map((name) => String(figures[name] ?? `unknown ${name.slice(FEES_PREFIX.length)}`));
}
