import { createRandom } from '../../exchange-simulator/core/random.ts';

/** Asset of a fee. `Received`: what the fill brings in. `Third`: a coin of the venue that is in no pair. */
export type FeeCoin = 'Quote' | 'Received' | 'Third';

/** Why the venue refuses an order that passes its checks. `NoFunds`: something else has locked them. */
export const ORDER_REFUSALS = ['NoPrice', 'NoFunds', 'Suspended'] as const;
export type OrderRefusal = (typeof ORDER_REFUSALS)[number];

/** What a venue does wrong by itself, beside what the network does. Drawn once for each request, push or fill. */
export interface VenueFaults {
  /** Delay of a second copy of a push, outside the order of the stream; undefined without one. Milliseconds. */
  readonly copyMs: () => number | undefined;
  /** Delay of a push that later ones overtake; undefined for one in order. Milliseconds. */
  readonly overtakenMs: () => number | undefined;
  /** For how long the venue refuses every request from now on (429); undefined when it does not. Milliseconds. */
  readonly limitMs: () => number | undefined;
  /** For how long the venue bans the account (418) because of a request in a limit. Milliseconds. */
  readonly banMs: () => number | undefined;
  /** Whether the venue answers 5XX, before or after it executed the request. */
  readonly failure: () => 'BeforeAccept' | 'AfterAccept' | undefined;
  /** For how long the lists of fills omit a fill. Milliseconds. */
  readonly fillLateMs: () => number;
  /** How old the balances of an answer are. Milliseconds. */
  readonly balanceLateMs: () => number;
  readonly feeCoin: () => FeeCoin;
  /** Whether the venue refuses an order that it would accept otherwise. */
  readonly orderRefusal: () => OrderRefusal | undefined;
  /** Pause until somebody else places the next order on the account; undefined for never. Milliseconds. */
  readonly foreignAfterMs: () => number | undefined;
  /** When somebody else buys at the market, from the start; undefined for never. Drawn once. Milliseconds. */
  readonly foreignBuyAfterMs: () => number | undefined;
}

export const SOUND_VENUE: VenueFaults = {
  copyMs: () => undefined,
  overtakenMs: () => undefined,
  limitMs: () => undefined,
  banMs: () => undefined,
  failure: () => undefined,
  fillLateMs: () => 0,
  balanceLateMs: () => 0,
  feeCoin: () => 'Quote',
  orderRefusal: () => undefined,
  foreignAfterMs: () => undefined,
  foreignBuyAfterMs: () => undefined,
};

/** Faults of every kind, the same for the same seed. */
export function faultyVenue(seed: number): VenueFaults {
  const random = createRandom(seed + 700);
  const sometimes = (share: number, ms: number) => () => (random() < share ? Math.round(ms * random()) : undefined);
  const copyMs = sometimes(0.2, 3_000);
  const overtakenMs = sometimes(0.2, 1_500);
  const limitMs = sometimes(0.004, 3_000);
  const fillLateMs = sometimes(0.2, 1_900);
  const balanceLateMs = sometimes(0.2, 1_900);
  return {
    copyMs,
    overtakenMs,
    limitMs: () => wholeSeconds(limitMs()),
    banMs: drawnBans(seed),
    failure: () => {
      const draw = random();
      if (draw < 0.03) return 'BeforeAccept';
      return draw < 0.08 ? 'AfterAccept' : undefined;
    },
    fillLateMs: () => fillLateMs() ?? 0,
    balanceLateMs: () => balanceLateMs() ?? 0,
    feeCoin: () => {
      const draw = random();
      if (draw < 0.4) return 'Quote';
      return draw < 0.8 ? 'Received' : 'Third';
    },
    foreignAfterMs: () => Math.round(5_000 + 60_000 * random()),
    foreignBuyAfterMs: drawnForeignBuy(seed),
    orderRefusal: drawnRefusals(seed),
  };
}

/** As Retry-After has them. */
function wholeSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.max(1_000, Math.ceil(ms / 1_000) * 1_000);
}

const BANNED_SHARE = 0.3;

/** Bans the account, for three seconds at most, at some of the requests in a limit. The same for the same seed. */
function drawnBans(seed: number): VenueFaults['banMs'] {
  const random = createRandom(seed + 1_000);
  return () => (random() < BANNED_SHARE ? wholeSeconds(3_000 * random()) : undefined);
}

const REFUSING_SEEDS = 0.5;
const REFUSED_SHARE = 0.05;

/** Refuses an order now and then, in half of the seeds. The same for the same seed. */
export function drawnRefusals(seed: number): VenueFaults['orderRefusal'] {
  const random = createRandom(seed + 800);
  const share = random() < REFUSING_SEEDS ? REFUSED_SHARE : 0;
  return () => (random() < share ? ORDER_REFUSALS[Math.floor(random() * ORDER_REFUSALS.length)] : undefined);
}

const FOREIGN_BUY_SEEDS = 0.15;

/** Lets somebody else buy early in a run, in a part of the seeds. The same for the same seed. */
function drawnForeignBuy(seed: number): VenueFaults['foreignBuyAfterMs'] {
  const random = createRandom(seed + 900);
  const [draw, afterMs] = [random(), Math.round(10_000 + 15_000 * random())];
  return () => (draw < FOREIGN_BUY_SEEDS ? afterMs : undefined);
}

/** Returns the venue without faults once `isCalm` returns true. It charges as before. */
export function calmedVenue(faults: VenueFaults, isCalm: () => boolean): VenueFaults {
  const now = (): VenueFaults => (isCalm() ? SOUND_VENUE : faults);
  return {
    copyMs: () => now().copyMs(),
    overtakenMs: () => now().overtakenMs(),
    limitMs: () => now().limitMs(),
    banMs: () => now().banMs(),
    failure: () => now().failure(),
    fillLateMs: () => now().fillLateMs(),
    balanceLateMs: () => now().balanceLateMs(),
    feeCoin: faults.feeCoin,
    orderRefusal: () => now().orderRefusal(),
    foreignAfterMs: () => now().foreignAfterMs(),
    foreignBuyAfterMs: () => now().foreignBuyAfterMs(),
  };
}
