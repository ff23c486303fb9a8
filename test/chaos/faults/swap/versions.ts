/** What differs between the versions of the sender: the memory limit of its pods, which no other service has. */
export const VERSIONS = ['384Mi', '385Mi', '386Mi'] as const;

/** The part of a spec that a swap changes. */
export interface VersionedSpec {
  readonly services?: {
    readonly execution?: { readonly resources?: { readonly limits?: { readonly memory?: string } } };
  };
}

/** Returns the memory limit that a spec gives to the sender, and null without one. */
export function versionOf({ services }: VersionedSpec): string | null {
  return services?.execution?.resources?.limits?.memory ?? null;
}

/**
 * Returns the version after one, for which the pods of the sender that stands by must be replaced; or before it, which
 * that one runs already if the last swap was to this one from there.
 */
export function versionBeside(version: string | null, where: 'After' | 'Before'): string {
  const index = VERSIONS.findIndex((one) => one === version);
  const step = where === 'After' ? 1 : VERSIONS.length - 1;
  return VERSIONS[(Math.max(0, index) + step) % VERSIONS.length] ?? VERSIONS[0];
}

/** Draws where a swap leads, by the seconds that the seed has drawn: mostly to a version whose pods must start. */
export function directionOf(seconds: number): 'After' | 'Before' {
  return Math.floor(seconds / 4) % 3 === 0 ? 'Before' : 'After';
}

/** Returns the change of a spec to a version; null removes the limit. */
export function changeTo(version: string | null): object {
  return { services: { execution: { resources: { limits: { memory: version } } } } };
}
