import { createHash } from 'node:crypto';

export interface Digest {
  /** Adds one fact: its kind and its value, with keys in insertion order and bigints as strings. */
  add(kind: string, value: unknown): void;
  /** Does the same for a message as it is sent, in a quarter of the time. Throws TypeError if it has a bigint. */
  addMessage(kind: string, message: object): void;
  hex(): string;
  readonly facts: number;
}

/** SHA-256 over everything that a run decided, ordered and observed, in order of occurrence. */
export function createDigest(): Digest {
  const hash = createHash('sha256');
  let facts = 0;
  const addText = (kind: string, text: string): void => {
    facts += 1;
    hash.update(`${kind} ${text}\n`);
  };
  return {
    add: (kind, value) => addText(kind, JSON.stringify(value, bigintToString)),
    addMessage: (kind, message) => addText(kind, JSON.stringify(message)),
    hex: () => hash.digest('hex'),
    get facts() {
      return facts;
    },
  };
}

function bigintToString(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
