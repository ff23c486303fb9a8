/**
 * When each channel last brought data, on the monotonic clock. Control frames never count: a pong is not data, and a connection can be alive while
 * one of its channels is dead.
 */
export interface ChannelAges {
  /** Data came on the channel at `nowMs`. */
  touch(channel: string, nowMs: number): void;
  /** Milliseconds since data last came, or since the channel was first watched. */
  ageMs(channel: string, nowMs: number): number;
  /** Whether data ever came. */
  heard(channel: string): boolean;
}

/** Watches the channels from `nowMs` on. All times are monotonic milliseconds. */
export function createChannelAges(channels: readonly string[], nowMs: number): ChannelAges {
  const last = new Map(channels.map((channel) => [channel, nowMs]));
  const heard = new Set<string>();
  const ageMs = (channel: string, now: number): number => now - (last.get(channel) ?? nowMs);
  return {
    touch: (channel, now) => {
      last.set(channel, now);
      heard.add(channel);
    },
    ageMs,
    heard: (channel) => heard.has(channel),
  };
}
