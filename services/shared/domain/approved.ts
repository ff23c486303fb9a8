declare const approval: unique symbol;

/**
 * Something that the risk checks let pass. Only risk's core, and execution's reader of `risk.decisions`, where it is kept, make one; execution sends
 * nothing else.
 */
export type Approved<T> = T & { readonly [approval]: true };

/** Marks a value as approved. To be called by risk after its last check, and by execution on what it has read of `risk.decisions`. */
export function approve<T>(value: T): Approved<T> {
  return value as Approved<T>;
}
