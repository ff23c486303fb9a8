/** A key opens an account's private stream for an hour (MEXC API document, "Listen Key"), and is lost when the venue restarts. */
const LIFETIME_MS = 60 * 60 * 1_000;
/** "Each UID can apply for a maximum of 60 listen keys". */
const MAX_KEYS = 60;

export interface ListenKeysOptions {
  /** 64 characters that nobody can guess. */
  readonly createKey: () => string;
}

/** Keys of private streams: which account each opens, and until when. Only this file changes them. */
export class ListenKeys {
  readonly #keys = new Map<string, { readonly account: string; expiresAt: number }>();
  readonly #createKey: () => string;

  constructor({ createKey }: ListenKeysOptions) {
    this.#createKey = createKey;
  }

  /** A new key; undefined when the account has too many. */
  create(account: string, now: number): string | undefined {
    if (this.list(account, now).length >= MAX_KEYS) return undefined;
    const key = this.#createKey();
    this.#keys.set(key, { account, expiresAt: now + LIFETIME_MS });
    return key;
  }

  list(account: string, now: number): readonly string[] {
    this.#dropExpired(now);
    return [...this.#keys].filter(([, entry]) => entry.account === account).map(([key]) => key);
  }

  /** False when the account has no such key. */
  extend(account: string, key: string, now: number): boolean {
    const entry = this.#entry(account, key, now);
    if (entry === undefined) return false;
    entry.expiresAt = now + LIFETIME_MS;
    return true;
  }

  /** False when the account has no such key. */
  remove(account: string, key: string, now: number): boolean {
    return this.#entry(account, key, now) !== undefined && this.#keys.delete(key);
  }

  /** Whose private stream the key opens now. */
  accountOf(key: string, now: number): string | undefined {
    this.#dropExpired(now);
    return this.#keys.get(key)?.account;
  }

  #entry(account: string, key: string, now: number): { expiresAt: number } | undefined {
    this.#dropExpired(now);
    const entry = this.#keys.get(key);
    return entry?.account === account ? entry : undefined;
  }

  #dropExpired(now: number): void {
    for (const [key, { expiresAt }] of this.#keys) if (expiresAt <= now) this.#keys.delete(key);
  }
}
