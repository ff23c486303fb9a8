/** Something that is wrong with a stack or its operator while a person halts it. */
export interface Obstacle {
  readonly name: string;
  readonly raise: () => Promise<void>;
  /** What the column BLOCKED-BY says meanwhile. Undefined if it need not say anything. */
  readonly blocks?: RegExp;
  readonly remove: () => Promise<void>;
}
