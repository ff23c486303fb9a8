import type { Scheduler } from '../core/scheduler.ts';
import { xack, xautoclaim, xclaim, xgroup, xinfo, xpending, xreadgroup } from './group-commands.ts';
import { newKeyspace, openHash, replyError, type Keyspace, type Reply } from './keyspace.ts';
import { readArguments, xadd, xlen, xrange, xread, xrevrange, xtrim, type Command } from './stream-commands.ts';

/** A read that waits for entries. `answer` is called once. */
interface Waiter {
  readonly keys: readonly string[];
  readonly read: () => Reply;
  readonly answer: (reply: Reply | Error) => void;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  xadd,
  xrange,
  xrevrange,
  xtrim,
  xlen,
  xread,
  xgroup,
  xreadgroup,
  xack,
  xautoclaim,
  xclaim,
  xpending,
  xinfo,
  hset: (keyspace, [key = '', ...pairs]) => {
    const { fields } = openHash(keyspace, key);
    const before = fields.size;
    for (let index = 0; index + 1 < pairs.length; index += 2) fields.set(pairs[index] ?? '', pairs[index + 1] ?? '');
    return fields.size - before;
  },
  hgetall: (keyspace, [key = '']) => (keyspace.values.has(key) ? [...openHash(keyspace, key).fields].flat() : []),
  expire: (keyspace, [key = '', seconds = '0'], nowMs) => {
    if (!keyspace.values.has(key)) return 0;
    keyspace.expiresMs.set(key, nowMs + 1_000 * Number(seconds));
    return 1;
  },
  del: ({ values, expiresMs }, keys) =>
    keys.filter((key) => {
      expiresMs.delete(key);
      return values.delete(key);
    }).length,
};

/** Commands that keep a client waiting when they find nothing. */
const BLOCKING: ReadonlySet<string> = new Set(['xread', 'xreadgroup']);

/**
 * A Redis server in memory, on virtual time: the commands that the services send, as far as they use them. Any other
 * command is an error. It can be copied, and restarted with the data of a copy or with none.
 */
export class MemoryRedis {
  readonly #scheduler: Scheduler;
  #keyspace: Keyspace = newKeyspace();
  #waiters: readonly Waiter[] = [];
  #claimed = 0;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  /** Entries that were delivered again, to the same or another consumer. */
  get claimed(): number {
    return this.#claimed;
  }

  /** Runs a command. `answer` gets the reply, or the error reply, at once or when a blocking read ends. */
  execute(name: string, args: readonly string[], answer: (reply: Reply | Error) => void): void {
    const command = COMMANDS[name];
    if (command === undefined) throw new Error(`the model of Redis has no command ${name}`);
    this.#expire();
    const run = (): Reply | Error => {
      try {
        return command(this.#keyspace, args, this.#scheduler.nowMs());
      } catch (error) {
        if (error instanceof Error && error.name === 'ReplyError') return error;
        throw error;
      }
    };
    const reply = run();
    if (name === 'xautoclaim') this.#claimed += claimedIn(reply);
    if (reply === null && BLOCKING.has(name)) this.#wait(args, run, answer);
    else answer(reply);
    if (name === 'xadd' || name === 'del') this.#serve();
  }

  /** Returns a copy of all data. */
  copy(): Keyspace {
    return structuredClone(this.#keyspace);
  }

  /** Restarts with this data, which it keeps. Nothing that waited is answered: the connections are gone. */
  restart(data: Keyspace = newKeyspace()): void {
    this.#waiters = [];
    this.#keyspace = data;
  }

  #wait(args: readonly string[], run: () => Reply | Error, answer: Waiter['answer']): void {
    const { keys, blockMs } = readArguments(args);
    const waiter: Waiter = {
      keys,
      answer,
      read: () => {
        const reply = run();
        // The group is gone with its stream.
        if (reply instanceof Error) throw reply;
        return reply;
      },
    };
    this.#waiters = [...this.#waiters, waiter];
    this.#scheduler.after(blockMs, () => {
      if (!this.#waiters.includes(waiter)) return;
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      answer(null);
    });
  }

  /** Answers the reads that find something now, in the order in which they began to wait. */
  #serve(): void {
    for (const waiter of this.#waiters) {
      const reply = replyTo(waiter);
      if (reply === null) continue;
      this.#waiters = this.#waiters.filter((one) => one !== waiter);
      waiter.answer(reply);
    }
  }

  #expire(): void {
    const nowMs = this.#scheduler.nowMs();
    const { values, expiresMs } = this.#keyspace;
    for (const [key, atMs] of expiresMs) {
      if (atMs > nowMs) continue;
      values.delete(key);
      expiresMs.delete(key);
    }
  }
}

/** The second part of the reply lists the entries. */
function claimedIn(reply: Reply | Error): number {
  const entries = Array.isArray(reply) ? reply[1] : undefined;
  return Array.isArray(entries) ? entries.length : 0;
}

function replyTo({ read }: Waiter): Reply | Error {
  try {
    return read();
  } catch {
    return replyError('UNBLOCKED the stream key no longer exists');
  }
}
