/** Something that was read, or why it could not be. */
export type Part<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string; readonly forbidden: boolean };

/** Returns the value, or what stands in for it. */
export function valueOr<T>(part: Part<T>, fallback: T): T {
  return part.known ? part.value : fallback;
}

/** Returns why parts could not be read, each reason once. */
export function missingOf(parts: readonly Part<unknown>[]): readonly string[] {
  return [...new Set(parts.flatMap((part) => (part.known ? [] : [part.why])))];
}
