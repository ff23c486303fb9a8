declare const approval: unique symbol;

/**
 * Something that the risk checks let pass. Only `approve` in risk's core and the parser of `orders.approved` make one; execution accepts nothing else.
 */
export type Approved<T> = T & { readonly [approval]: true };

/** Marks a value as approved. To be called by risk after its last check, and by the parser of risk's own messages. */
export function approve<T>(value: T): Approved<T> {
  return value as Approved<T>;
}
