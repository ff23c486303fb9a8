import type { ActivateResponse } from '../../shared/contracts/control.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { ExitError } from '../../shared/runtime/errors.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import { permitAllows, type Permit } from '../core/permit.ts';
import { nextRole, WARMING, type Fence, type RoleEvent } from '../core/role.ts';
import type { SenderStatus } from '../../shared/contracts/statusz.ts';
import type { ExecutionStore } from '../ports.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';

export interface SenderFenceOptions {
  readonly store: Pick<ExecutionStore, 'readFence' | 'raiseFence' | 'releaseFence' | 'readHalts'>;
  /** Identifies this process as the holder of the fence. */
  readonly incarnation: string;
  readonly permitMs: number;
  /** The halt of the settings. Halts of other sources are read with the fence. */
  readonly halt: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a process reports that it has lost the fence before it exits, to be restarted. */
const SHOW_FENCED_MS = 5_000;

/**
 * Decides whether this process may send: its role, its permit, and the halts. Reads the fence several times per permit
 * and at least once a second; a failed read renews nothing. Only core/role.ts changes the role.
 */
export class SenderFence implements ServicePart {
  readonly name = 'fence';
  readonly #options: SenderFenceOptions;
  #sender: SenderStatus = WARMING;
  #permit: Permit | undefined;
  #halts: readonly string[] = [];
  #retired = false;
  readonly #serially = createSerialQueue();
  /** Monotonic time of the grant, and whether the previous holder had drained. */
  #grant: { readonly atMs: number; readonly drained: boolean } | undefined;

  constructor(options: SenderFenceOptions) {
    this.#options = options;
  }

  get sender(): SenderStatus {
    return this.#sender;
  }

  get grant(): { readonly atMs: number; readonly drained: boolean } | undefined {
    return this.#grant;
  }

  /** Whether this process records what it observes of orders. */
  get recording(): boolean {
    return this.#sender.role === 'activating' || this.#sender.role === 'active';
  }

  get haltedBy(): readonly string[] {
    return this.#options.halt ? ['spec', ...this.#halts.filter((source) => source !== 'spec')] : this.#halts;
  }

  /** Returns why no byte of an order of `epoch` may be sent now. Call it immediately before sending. */
  refusal(epoch: number): string | undefined {
    if (this.#sender.role !== 'active') return 'NotActive';
    if (this.haltedBy.length > 0) return 'Halted';
    return this.permitted(epoch) ? undefined : 'PermitExpired';
  }

  /** Whether the last read of the fence is recent and showed this process as the holder. */
  permitted(epoch: number): boolean {
    const { clock, permitMs } = this.#options;
    return permitAllows(this.#permit, { epoch, permitMs, monotonicMs: clock.monotonicMs() });
  }

  check(): CheckResult {
    const { role, epoch, fenceEpoch } = this.#sender;
    if (role === 'warming') return failed('Warming', 'the fence has not been read yet');
    return role === 'fenced'
      ? failed('Fenced', `epoch ${epoch} has lost the fence, which is now at epoch ${fenceEpoch}`)
      : OK;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, permitMs, log } = this.#options;
    while (!signal.aborted) {
      await this.read().catch((error: unknown) => log.warn({ err: error }, 'reading the fence failed'));
      if (this.#sender.role === 'fenced' && !this.#retired) await this.#exit(signal);
      await pause(clock, Math.min(1_000, permitMs / 4), signal);
    }
  }

  async read(): Promise<void> {
    const { store, clock } = this.#options;
    const readAtMs = clock.monotonicMs();
    const [fence, halts] = await Promise.all([store.readFence(), store.readHalts()]);
    this.#halts = halts;
    this.#move({ kind: 'Warmed' });
    this.#move({ kind: 'FenceRead', fence });
    if (this.recording && fence.epoch === this.#sender.epoch) this.#permit = { epoch: fence.epoch, readAtMs };
  }

  /**
   * Takes the fence. Repeating the call for the held epoch is harmless. A process never takes a second epoch, and none
   * while it is stopping.
   */
  async activate(epoch: number): Promise<ActivateResponse> {
    return await this.#serially(async () => {
      const { store, incarnation } = this.#options;
      const { role, epoch: heldEpoch } = this.#sender;
      if (this.recording && heldEpoch === epoch) return { accepted: true, epoch, reason: 'Held' };
      if (role !== 'armed')
        return { accepted: false, epoch: heldEpoch, reason: `this process is ${role} with epoch ${heldEpoch}` };
      const { granted, before } = await store.raiseFence({ epoch, holder: incarnation });
      if (granted) return await this.#onGranted(epoch, before);
      this.#move({ kind: 'FenceRead', fence: before });
      return { accepted: false, epoch: before.epoch, reason: `the fence is at epoch ${before.epoch}` };
    });
  }

  async #onGranted(epoch: number, before: Fence): Promise<ActivateResponse> {
    const { clock, log } = this.#options;
    const drained = before.holder === '';
    if (this.#retired) {
      // This epoch has sent nothing. Only a drained holder guarantees that nothing of an older epoch is in flight.
      if (drained) await this.#release(epoch);
      log.warn({ epoch, before }, 'fence granted to a process that is stopping');
      return { accepted: false, epoch, reason: `this process is stopping; it has raised the fence to epoch ${epoch}` };
    }
    this.#grant = { atMs: clock.monotonicMs(), drained };
    this.#move({ kind: 'Granted', epoch });
    log.info({ epoch, before, drained }, 'fence taken');
    return { accepted: true, epoch, reason: 'Granted' };
  }

  reconciled(): void {
    this.#move({ kind: 'Reconciled' });
  }

  intentRefused(): void {
    this.#move({ kind: 'IntentRefused' });
  }

  /** Stops sending permanently, before the process ends. */
  retire(): void {
    this.#retired = true;
    this.#move({ kind: 'Retired' });
  }

  /** Reports to the next sender that this one has nothing in flight. Call it after `retire`, once that is true. */
  async release(): Promise<void> {
    await this.#release(this.#sender.epoch);
  }

  async #release(epoch: number): Promise<void> {
    const { store, incarnation, log } = this.#options;
    await store
      .releaseFence({ epoch, holder: incarnation })
      .catch((error: unknown) => log.warn({ err: error }, 'releasing the fence failed, the next sender waits'));
  }

  #move(event: RoleEvent): void {
    const before = this.#sender;
    this.#sender = nextRole(before, event, this.#options.incarnation);
    if (before.role === this.#sender.role) return;
    if (this.#sender.role === 'fenced') this.#permit = undefined;
    this.#options.log.info({ from: before.role, ...this.#sender }, 'role changed');
  }

  async #exit(signal: AbortSignal): Promise<void> {
    await pause(this.#options.clock, SHOW_FENCED_MS, signal);
    if (signal.aborted) return;
    const { epoch, fenceEpoch } = this.#sender;
    throw new ExitError(1, 'Fenced', `epoch ${epoch} has lost the fence, which is now at epoch ${fenceEpoch}`);
  }
}
