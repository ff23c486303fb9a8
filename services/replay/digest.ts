import { createHash } from 'node:crypto';

export interface Digest {
  /** Adds one fact: its kind and its value, with keys in insertion order and bigints as strings. */
  add(kind: string, value: unknown): void;
  hex(): string;
  readonly facts: number;
}

/** SHA-256 over everything that a run decided, ordered and observed, in order of occurrence. */
export function createDigest(): Digest {
  const hash = createHash('sha256');
  let facts = 0;
  return {
    add: (kind, value) => {
      facts += 1;
      hash.update(`${kind} ${JSON.stringify(value, bigintToString)}\n`);
    },
    hex: () => hash.digest('hex'),
    get facts() {
      return facts;
    },
  };
}

function bigintToString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
