/** Distinguishes one copy of the record from another, and an earlier state of it from a later one. */
export interface RecordIdentity {
  /** System identifier of the database cluster: a dump that is restored elsewhere has another one. */
  readonly systemId: string;
  /** Timeline of the cluster: every promotion and point-in-time recovery starts a new one. */
  readonly timeline: number;
  /** Number of commits of this stack's record. It never decreases unless commits are lost. */
  readonly commits: number;
}

/** Returns why `now` may lack commits that `seen` had; undefined when it has them all. */
export function lossBetween(seen: RecordIdentity, now: RecordIdentity): string | undefined {
  if (now.systemId !== seen.systemId) return `the database is another cluster (${now.systemId}, was ${seen.systemId})`;
  if (now.timeline !== seen.timeline)
    return `the database is on timeline ${now.timeline}, was ${seen.timeline}: it failed over or was restored`;
  if (now.commits < seen.commits) return `the database has lost ${seen.commits - now.commits} commits`;
  return undefined;
}
