import {
  signalMessage,
  type SignalMessage,
  type SignalPayload,
} from '../../../services/shared/contracts/messages/signal.ts';

/** Returns the message that is sent as the n-th. Of all messages of the order path, signals are the most frequent. */
export function messageOf(n: number): SignalPayload {
  return {
    id: `cross:XRP/ETH:${n}`,
    strategy: 'cross',
    symbol: 'XRP/ETH',
    stance: 'Long',
    changedAt: 1_700_000_000_000,
    barClose: 1_700_000_000_000 + n,
    referencePrice: '0.00145704',
    release: '98d806ae2bf865f2',
  };
}

export function numberOf({ barClose }: Pick<SignalPayload, 'barClose'>): number {
  return barClose - 1_700_000_000_000;
}

export function parseMessage(json: unknown): SignalMessage {
  return signalMessage.parse(json);
}
