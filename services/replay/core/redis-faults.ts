import { createRandom } from '../../exchange-simulator/core/random.ts';

/** `CommandLost`: the connection closes before the server has the command. `ReplyLost`: it closes after the effect. */
export type CommandFate = 'Delivered' | 'CommandLost' | 'ReplyLost';

/** `Kept`: the server has its data. `Older`: those of a second ago. `Empty`: none. */
export const RESTART_KINDS = ['Kept', 'Older', 'Empty'] as const;
export type RestartKind = (typeof RESTART_KINDS)[number];

/** A restart of the server. */
export interface RedisRestart {
  /** Milliseconds after the start of the run. */
  readonly afterMs: number;
  readonly kind: RestartKind;
  readonly downMs: number;
}

/** What happens to the connections to Redis and to the server. */
export interface RedisFaults {
  /** One-way delay in milliseconds. */
  readonly delayMs: () => number;
  readonly fate: () => CommandFate;
  readonly reconnectMs: () => number;
}

/** Constant delays, no losses. */
export const SOUND_REDIS: RedisFaults = { delayMs: () => 1, fate: () => 'Delivered', reconnectMs: () => 50 };

/** Delays that vary, and a lost command or reply now and then; the same for the same seed. */
export function faultyRedis(seed: number): RedisFaults {
  const random = createRandom(seed + 300);
  return {
    delayMs: () => Math.round(60 * random() ** 6),
    fate: () => {
      const draw = random();
      if (draw < 0.000_3) return 'CommandLost';
      return draw < 0.001 ? 'ReplyLost' : 'Delivered';
    },
    reconnectMs: () => Math.round(50 + 2_000 * random() ** 2),
  };
}

/** Draws two restarts of the server in a run of `playMs`. */
export function drawnRestarts(seed: number, playMs: number): readonly RedisRestart[] {
  const random = createRandom(seed + 400);
  return [0, 1].map(() => ({
    afterMs: Math.round(15_000 + random() * (playMs - 20_000)),
    kind: RESTART_KINDS[Math.floor(random() * RESTART_KINDS.length)] ?? 'Kept',
    downMs: Math.round(100 + 3_000 * random()),
  }));
}

/** Returns the connections without losses once `isCalm` returns true. */
export function calmedRedis(faults: RedisFaults, isCalm: () => boolean): RedisFaults {
  return { ...faults, fate: () => (isCalm() ? 'Delivered' : faults.fate()) };
}
