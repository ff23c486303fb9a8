import { createHash } from 'node:crypto';

export interface Digest {
  /** Adds one fact: its kind and its value, keys in the order in which the code made them, bigints as texts. */
  add(kind: string, value: unknown): void;
  hex(): string;
  readonly facts: number;
}

/** SHA-256 over everything that a run decided, ordered and saw, in the order in which it did. */
export function createDigest(): Digest {
  const hash = createHash('sha256');
  let facts = 0;
  return {
    add: (kind, value) => {
      facts += 1;
      hash.update(`${kind} ${JSON.stringify(value, textOfBigint)}\n`);
    },
    hex: () => hash.digest('hex'),
    get facts() {
      return facts;
    },
  };
}

function textOfBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
