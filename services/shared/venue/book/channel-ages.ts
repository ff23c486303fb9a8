/**
 * Tracks when each channel last delivered data, on the monotonic clock. Control frames do not count: a pong is not
 * data, and a connection can be alive while one of its channels is dead.
 */
export interface ChannelAges {
  /** Records data on the channel at `nowMs`. */
  touch(channel: string, nowMs: number): void;
  /** Milliseconds since the last data, or since the channel was first watched. */
  ageMs(channel: string, nowMs: number): number;
  /** Whether the channel ever delivered data. */
  received(channel: string): boolean;
}

/** Watches the channels, starting at `nowMs`. All times are monotonic milliseconds. */
export function createChannelAges(channels: readonly string[], nowMs: number): ChannelAges {
  const lastDataMs = new Map(channels.map((channel) => [channel, nowMs]));
  const received = new Set<string>();
  const ageMs = (channel: string, atMs: number): number => atMs - (lastDataMs.get(channel) ?? nowMs);
  return {
    touch: (channel, atMs) => {
      lastDataMs.set(channel, atMs);
      received.add(channel);
    },
    ageMs,
    received: (channel) => received.has(channel),
  };
}
