/** Returns the value of the only series of a metric, from the text that Prometheus scrapes. Throws if there is none. */
export function metricValue(metrics: string, name: string): number {
  const value = Number(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'm').exec(metrics)?.[1]);
  if (Number.isFinite(value)) return value;
  throw new Error(`no metric ${name}`);
}
