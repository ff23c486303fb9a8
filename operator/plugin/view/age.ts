const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Returns a duration in at most two units, such as `5s`, `3m`, `2h5m`, `4d3h`; whole minutes from ten minutes on. */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000)) * 1_000;
  const first = UNITS.findIndex(([, size]) => whole >= size);
  const unit = UNITS[first];
  if (unit === undefined) return '0s';
  const [name, size] = unit;
  const count = Math.floor(whole / size);
  const next = UNITS[first + 1];
  const rest = next === undefined || (name === 'm' && count >= 10) ? 0 : Math.floor((whole % size) / next[1]);
  return `${count}${name}${rest === 0 || next === undefined ? '' : `${rest}${next[0]}`}`;
}

/** Returns how long ago a time of the API is; `unknown` where there is none. */
export function since(time: string | undefined, nowMs: number): string {
  const atMs = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(atMs) ? 'unknown' : duration(nowMs - atMs);
}
