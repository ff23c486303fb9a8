/**
 * Tracks when each channel was last known to be current, on the monotonic clock. Control frames do not count: a pong is
 * not data, and a connection can be alive while one of its channels is dead.
 */
export interface ChannelAges {
  /** Starts to watch a channel at `nowMs`. No effect on a channel that is watched already. */
  watch(channel: string, nowMs: number): void;
  /** Records that the channel was current at `atMs`. An earlier time than the last one has no effect. */
  touch(channel: string, atMs: number): void;
  /** Milliseconds since the channel was last current, or since it is watched. Throws for one that is not watched. */
  ageMs(channel: string, nowMs: number): number;
  /** Whether the channel was ever current. */
  received(channel: string): boolean;
}

/** Creates ages without any channel. All times are monotonic milliseconds. */
export function createChannelAges(): ChannelAges {
  const lastMs = new Map<string, number>();
  const received = new Set<string>();
  return {
    watch: (channel, nowMs) => {
      if (!lastMs.has(channel)) lastMs.set(channel, nowMs);
    },
    touch: (channel, atMs) => {
      lastMs.set(channel, Math.max(atMs, lastMs.get(channel) ?? atMs));
      received.add(channel);
    },
    ageMs: (channel, nowMs) => {
      const since = lastMs.get(channel);
      if (since === undefined) throw new Error(`channel ${channel} is not watched`);
      return nowMs - since;
    },
    received: (channel) => received.has(channel),
  };
}
