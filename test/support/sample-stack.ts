import type { TradingStackObject } from '../../operator/api/v1alpha1/trading-stack/trading-stack.ts';
import { TRADING_STACK, TRADING_STACK_API_VERSION } from '../../operator/api/v1alpha1/trading-stack/trading-stack.ts';

export interface SampleOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly image?: string;
  /** Merged into the spec, objects member by member; a null removes. */
  readonly change?: Readonly<Record<string, unknown>>;
}

/** A valid TradingStack as a person would write it: defaults are left to the server. */
export function sampleStack({ name = 'demo', namespace = 'trading', image, change = {} }: SampleOptions = {}) {
  const spec = {
    release: { image: image ?? 'registry.example.com/tradingstack:1.0.0', version: '1.0.0' },
    venue: { name: 'mexc', tape: { symbol: 'XRP/ETH', speed: 60 } },
    instruments: [{ symbol: 'XRP/ETH' }],
    strategies: [cross(), breakout()],
    risk: { maxOrderNotional: '0.5', maxPositionNotional: '2', maxExposureNotional: '4' },
    paper: { balances: { ETH: '10', XRP: '0' } },
  };
  return {
    apiVersion: TRADING_STACK_API_VERSION,
    kind: TRADING_STACK.kind,
    metadata: { name, namespace },
    spec: merged(spec, change),
  } satisfies TradingStackObject;
}

export function cross(change: object = {}) {
  const parameters = { barSeconds: 1, fastBars: 3, slowBars: 8 };
  const strategy = { name: 'cross', kind: 'EmaCross', symbols: ['XRP/ETH'], parameters, orderNotional: '0.2' };
  return { ...strategy, ...change };
}

export function breakout(change: object = {}) {
  const parameters = { barSeconds: 1, entryBars: 10, exitBars: 4 };
  const strategy = { name: 'breakout', kind: 'Donchian', symbols: ['XRP/ETH'], parameters, orderNotional: '0.2' };
  return { ...strategy, ...change };
}

function merged(base: unknown, change: unknown): unknown {
  if (!isMap(base) || !isMap(change)) return change;
  const entries = Object.entries(change).map(([key, value]) => [key, merged(base[key], value)] as const);
  return Object.fromEntries(
    Object.entries({ ...base, ...Object.fromEntries(entries) }).filter(([, value]) => value !== null),
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
