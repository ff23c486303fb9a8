/**
 * A key opens an account's private stream for one hour (MEXC API document, "Listen Key"). Keys are lost when the venue
 * restarts.
 */
const LIFETIME_MS = 60 * 60 * 1_000;
/** "Each UID can apply for a maximum of 60 listen keys". */
const MAX_KEYS = 60;

export interface ListenKeysOptions {
  /** Returns 64 unguessable characters. */
  readonly createKey: () => string;
}

/** Keys of private streams: account and expiry of each key. Changed only in this file. */
export class ListenKeys {
  readonly #keys = new Map<string, { readonly account: string; expiresAt: number }>();
  readonly #createKey: () => string;

  constructor({ createKey }: ListenKeysOptions) {
    this.#createKey = createKey;
  }

  /** Creates a key. Returns undefined if the account has too many. */
  create(account: string, nowMs: number): string | undefined {
    if (this.list(account, nowMs).length >= MAX_KEYS) return undefined;
    const key = this.#createKey();
    this.#keys.set(key, { account, expiresAt: nowMs + LIFETIME_MS });
    return key;
  }

  list(account: string, nowMs: number): readonly string[] {
    this.#dropExpired(nowMs);
    return [...this.#keys].filter(([, entry]) => entry.account === account).map(([key]) => key);
  }

  /** Renews a key. Returns false if the account has no such key. */
  extend(account: string, key: string, nowMs: number): boolean {
    const entry = this.#entry(account, key, nowMs);
    if (entry === undefined) return false;
    entry.expiresAt = nowMs + LIFETIME_MS;
    return true;
  }

  /** Deletes a key. Returns false if the account has no such key. */
  remove(account: string, key: string, nowMs: number): boolean {
    return this.#entry(account, key, nowMs) !== undefined && this.#keys.delete(key);
  }

  /** Returns the account of a valid key. */
  accountOf(key: string, nowMs: number): string | undefined {
    this.#dropExpired(nowMs);
    return this.#keys.get(key)?.account;
  }

  #entry(account: string, key: string, nowMs: number): { expiresAt: number } | undefined {
    this.#dropExpired(nowMs);
    const entry = this.#keys.get(key);
    return entry?.account === account ? entry : undefined;
  }

  #dropExpired(nowMs: number): void {
    for (const [key, { expiresAt }] of this.#keys) if (expiresAt <= nowMs) this.#keys.delete(key);
  }
}
