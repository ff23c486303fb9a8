import { Redis, type Command } from 'ioredis';
import type { RedisFaults } from '../core/redis-faults.ts';
import { createOrderedDelivery, type Delivery } from '../core/ordered-delivery.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { MemoryRedis } from './memory-redis.ts';
import type { Reply } from './keyspace.ts';

export interface RedisConnectionOptions {
  readonly server: Pick<MemoryRedis, 'execute'>;
  readonly scheduler: Scheduler;
  readonly faults: RedisFaults;
  readonly keyPrefix: string;
  /** Runs the arrival of each reply. Default: at once. */
  readonly gate?: (work: () => void) => void;
}

/** As the client library says it. */
const CLOSED = 'Connection is closed.';
const NOT_WRITABLE = "Stream isn't writeable and enableOfflineQueue options is false";

/**
 * The client library on a connection to a server in memory: it encodes commands and decodes replies as it does with a
 * real one. A lost command or reply closes the connection, and every command under way with it. It reconnects after a
 * while.
 */
export class RedisConnection extends Redis {
  readonly #server: Pick<MemoryRedis, 'execute'>;
  readonly #scheduler: Scheduler;
  readonly #faults: RedisFaults;
  readonly #gate: (work: () => void) => void;
  #toServer: Delivery;
  #toClient: Delivery;
  #underWay = new Set<Command>();
  #dead = false;

  constructor({ server, scheduler, faults, keyPrefix, gate }: RedisConnectionOptions) {
    super({ lazyConnect: true, keyPrefix, protocol: 2 });
    this.#server = server;
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.#gate = gate ?? ((work) => work());
    this.status = 'ready';
    [this.#toServer, this.#toClient] = this.#open();
  }

  override sendCommand(command: Command): unknown {
    // The process is gone: nobody waits for the outcome.
    if (this.#dead) return command.promise;
    if (this.status !== 'ready') {
      command.reject(new Error(NOT_WRITABLE));
      return command.promise;
    }
    const underWay = this.#underWay;
    underWay.add(command);
    const fate = this.#faults.fate();
    this.#toServer(() => {
      if (fate === 'CommandLost') this.close();
      else this.#execute(command, underWay, fate === 'ReplyLost');
    });
    return command.promise;
  }

  /** Closes the connection as a restart of the server does: every command under way fails, executed or not. */
  close(reconnectMs = this.#faults.reconnectMs()): void {
    if (this.status !== 'ready') return;
    this.status = 'reconnecting';
    const lost = this.#underWay;
    this.#underWay = new Set();
    for (const command of lost) command.reject(new Error(CLOSED));
    this.#scheduler.after(reconnectMs, () => {
      if (this.status !== 'reconnecting') return;
      [this.#toServer, this.#toClient] = this.#open();
      this.status = 'ready';
    });
  }

  override disconnect(): void {
    this.close();
    this.status = 'end';
  }

  /** Ends it with its process: no command is answered any more, but one that is under way may take effect. */
  kill(): void {
    this.#dead = true;
    this.#underWay = new Set();
  }

  #execute(command: Command, underWay: Set<Command>, replyLost: boolean): void {
    const args = command.args.flat().map(String);
    this.#server.execute(command.name.toLowerCase(), args, (reply) => {
      if (replyLost) this.#closeIf(underWay);
      else this.#toClient(() => this.#gate(() => this.#answer(command, underWay, reply)));
    });
  }

  #answer(command: Command, underWay: Set<Command>, reply: Reply | Error): void {
    if (!underWay.delete(command) || underWay !== this.#underWay) return;
    if (reply instanceof Error) command.reject(reply);
    else command.resolve(reply);
  }

  #closeIf(underWay: Set<Command>): void {
    if (underWay === this.#underWay) this.close();
  }

  #open(): [Delivery, Delivery] {
    const deliver = (): Delivery => createOrderedDelivery(this.#scheduler, this.#faults.delayMs);
    return [deliver(), deliver()];
  }
}
