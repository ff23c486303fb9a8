import type { ActivateResponse, CanaryTerms } from '../../shared/contracts/control.ts';
import type { SenderStatus } from '../../shared/contracts/statusz.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { ExitError } from '../../shared/runtime/errors.ts';
import { failed, OK, type CheckResult } from '../../shared/runtime/health.ts';
import type { Logger } from '../../shared/runtime/logger.ts';
import { pause } from '../../shared/runtime/periodic.ts';
import { createSerialQueue } from '../../shared/runtime/serial-queue.ts';
import type { ServicePart } from '../../shared/runtime/service-part.ts';
import type { TradingStates } from '../../shared/trading-state/trading-states.ts';
import { canaryStatusOf, isSameCanary } from '../core/swap/canary.ts';
import { permitAgeMs, type Permit } from '../core/permit.ts';
import { lossBetween, type RecordIdentity } from '../core/record-identity.ts';
import { isHolding, mayTake, nextRole, WARMING, type Fence, type RoleEvent, type SenderState } from '../core/role.ts';
import { agedBy, NOTHING_COMPARED, type ComparedAges } from '../core/swap/compared-ages.ts';
import type { ExecutionStore, FenceGrant, IntentRefusal } from '../ports.ts';

export interface SenderFenceOptions {
  readonly store: Pick<ExecutionStore, 'readFence' | 'raiseFence' | 'releaseFence' | 'recordIdentity'>;
  /** Identifies this process as the holder of the fence. */
  readonly incarnation: string;
  readonly permitMs: number;
  /** Read with the fence, so that no process is armed before it knows the trading state. */
  readonly states: Pick<TradingStates, 'load'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The grant of the fence to this process. */
export interface Grant {
  /** Monotonic milliseconds. */
  readonly atMs: number;
  /** UTC milliseconds. */
  readonly wallMs: number;
  /** Whether the previous holder had drained: it had nothing in flight, and the record had all it did. */
  readonly drained: boolean;
  /** Whether the record may have lost commits since the previous grant. */
  readonly recordWentBack: boolean;
  /** What the drained holder had compared with the venue, with the ages at the grant; undefined if that is unknown. */
  readonly compared: ComparedAges | undefined;
}

/** How long a process reports that it has lost the fence before it exits, to be restarted. */
const SHOW_FENCED_MS = 5_000;

/**
 * Decides whether this process may send: its role and its permit. Reads the fence several times per permit
 * and at least once a second; a failed read renews nothing. Only core/role.ts changes the role.
 */
export class SenderFence implements ServicePart {
  readonly name = 'fence';
  readonly #options: SenderFenceOptions;
  #state: SenderState = WARMING;
  #permit: Permit | undefined;
  /** The canary of the epoch that this process holds, as last read with the fence or granted. */
  #canary: CanaryTerms | undefined;
  #identity: RecordIdentity | undefined;
  /** Why the record may have lost commits. */
  #recordLoss = '';
  #retired = false;
  /** While the fence is being released, and nothing may be recorded any more. */
  #releasing = false;
  /** At which epoch of the fence this process saw the record go back while it did not hold the fence. */
  #wentBackAt: number | undefined;
  readonly #serially = createSerialQueue();
  #grant: Grant | undefined;
  /** The read of the fence under way, and the duration of the last one that succeeded. Monotonic milliseconds. */
  #readingSinceMs: number | undefined;
  #readMs = 0;

  constructor(options: SenderFenceOptions) {
    this.#options = options;
  }

  get sender(): Pick<SenderStatus, 'role' | 'epoch' | 'fenceEpoch'> {
    const { role, epoch, fenceEpoch } = this.#state;
    return { role, epoch, fenceEpoch };
  }

  /** What bounds the entries of this process. The record has the last word: see `commitIntent`. */
  get canary(): CanaryTerms | undefined {
    return this.recording ? this.#canary : undefined;
  }

  canaryStatus(): Pick<SenderStatus, 'canary'> {
    return { canary: canaryStatusOf(this.canary) };
  }

  get grant(): Grant | undefined {
    return this.#grant;
  }

  /**
   * The fence that this process was granted; undefined before the grant. It may have lost it since: the record decides.
   * A process that stops holds it until it has released it.
   */
  get held(): Fence | undefined {
    const { epoch } = this.#state;
    return epoch === 0 ? undefined : { epoch, holder: this.#options.incarnation };
  }

  /** Whether this process records what it observes of orders. */
  get recording(): boolean {
    return isHolding(this.#state.role) && !this.#releasing;
  }

  /** Whether the record takes observations of this process: also while it stops, to learn the last outcomes. */
  get mayRecord(): boolean {
    return this.#state.epoch > 0 && !this.#releasing;
  }

  /** Whether this process brings approvals to their end. One that drains leaves them to the next sender. */
  get takesApprovals(): boolean {
    return this.recording && this.#state.role !== 'draining';
  }

  /** Whether this process still has to learn what older senders left behind. */
  get reconciling(): boolean {
    return this.recording && !this.#state.reconciled;
  }

  get hasReconciled(): boolean {
    return this.#state.reconciled;
  }

  /** Newest epoch that this process was ever granted; 0 before the first. */
  get newestEpoch(): number {
    return this.#state.newestEpoch;
  }

  /** Milliseconds since the read that gave the permit was issued; undefined without a permit. */
  get permitAgeMs(): number | undefined {
    const { clock } = this.#options;
    return permitAgeMs(this.#permit, { epoch: this.#state.epoch, monotonicMs: clock.monotonicMs() });
  }

  /** How long the last successful read of the fence took, or the one under way if that is already longer. */
  get readMs(): number {
    const { clock } = this.#options;
    return Math.max(this.#readMs, this.#readingSinceMs === undefined ? 0 : clock.monotonicMs() - this.#readingSinceMs);
  }

  check(): CheckResult {
    const { role, loss = 'Fenced' } = this.#state;
    if (role === 'warming') return failed('Warming', 'the fence has not been read yet');
    return role === 'fenced' ? failed(loss, this.#lossMessage()) : OK;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, permitMs, log } = this.#options;
    while (!signal.aborted) {
      await this.read().catch((error: unknown) => log.warn({ err: error }, 'reading the fence failed'));
      if (this.#state.role === 'fenced' && !this.#retired) await this.#exit(signal);
      await pause(clock, Math.min(1_000, permitMs / 4), signal);
    }
  }

  async read(): Promise<Fence> {
    const { store, states, clock } = this.#options;
    const readAtMs = clock.monotonicMs();
    this.#readingSinceMs = readAtMs;
    try {
      const [fence, identity] = await Promise.all([store.readFence(), store.recordIdentity(), states.load()]);
      this.#readMs = clock.monotonicMs() - readAtMs;
      this.#move({ kind: 'Warmed' });
      this.#compare(identity);
      this.#move({ kind: 'FenceRead', fence });
      this.#renew(fence, readAtMs);
      return fence;
    } finally {
      this.#readingSinceMs = undefined;
    }
  }

  /** A read that does not show this process as the holder ends the permit, whatever is left of it. */
  #renew(fence: Fence, readAtMs: number): void {
    const held = this.recording && fence.epoch === this.#state.epoch;
    this.#permit = held ? { epoch: fence.epoch, readAtMs } : undefined;
    if (held) this.#canary = fence.canary;
  }

  /** Only a process that holds the fence ends: another one has sent nothing that the record could have lost. */
  #compare(identity: RecordIdentity): void {
    const loss = this.#identity === undefined ? undefined : lossBetween(this.#identity, identity);
    this.#identity = identity;
    if (loss === undefined) return;
    if (this.recording) this.#loseRecord(loss);
    // It may have sent orders in an earlier epoch, and the record of the next grant does not show what was lost since.
    else this.#wentBackAt = this.#state.fenceEpoch;
  }

  #loseRecord(loss: string): void {
    this.#recordLoss = loss;
    this.#options.log.error({ loss }, 'the record went back, no order is sent any more');
    this.#move({ kind: 'RecordWentBack' });
  }

  /**
   * Takes the fence. Repeating the call for the held epoch is harmless, and sets the canary of that epoch. A process
   * takes another epoch only after it has released the one before, only a higher one, and none while it is stopping.
   */
  async activate(epoch: number, canary?: CanaryTerms): Promise<ActivateResponse> {
    return await this.#serially(async () => {
      const { store, incarnation } = this.#options;
      const { role, epoch: heldEpoch } = this.#state;
      if (this.takesApprovals && heldEpoch === epoch) return await this.#setCanary(epoch, canary);
      if (!mayTake(this.#state, epoch))
        return { accepted: false, epoch: heldEpoch, reason: `this process is ${role} with epoch ${heldEpoch}` };
      const readAtMs = this.#options.clock.monotonicMs();
      const grant = await store.raiseFence({ epoch, holder: incarnation, canary });
      if (grant.granted) {
        this.#canary = canary;
        return await this.#onGranted({ epoch, readAtMs }, grant);
      }
      this.#move({ kind: 'FenceRead', fence: grant.before });
      return { accepted: false, epoch: grant.before.epoch, reason: `the fence is at epoch ${grant.before.epoch}` };
    });
  }

  async #setCanary(epoch: number, canary: CanaryTerms | undefined): Promise<ActivateResponse> {
    const { store, incarnation, log } = this.#options;
    if (isSameCanary(this.#canary, canary)) return { accepted: true, epoch, reason: 'Held' };
    const { granted, before } = await store.raiseFence({ epoch, holder: incarnation, canary });
    if (!granted) {
      this.#move({ kind: 'FenceRead', fence: before });
      return { accepted: false, epoch: before.epoch, reason: `the fence is at epoch ${before.epoch}` };
    }
    this.#canary = canary;
    log.info({ epoch, ...this.canaryStatus() }, canary === undefined ? 'canary lifted' : 'canary changed');
    return { accepted: true, epoch, reason: 'Held' };
  }

  async #onGranted(permit: Permit, { before, identityBefore, released }: FenceGrant): Promise<ActivateResponse> {
    const { clock, log } = this.#options;
    const { epoch } = permit;
    const loss = (await this.#lossSince(identityBefore)) ?? this.#lossSeen(before);
    const drained = before.holder === '';
    if (this.#retired) {
      // This epoch has sent nothing. Only a drained holder guarantees that nothing of an older epoch is in flight.
      if (drained) await this.#release(epoch, NOTHING_COMPARED);
      log.warn({ epoch, before }, 'fence granted to a process that is stopping');
      return { accepted: false, epoch, reason: `this process is stopping; it has raised the fence to epoch ${epoch}` };
    }
    const recordWentBack = loss !== undefined;
    const now = { atMs: clock.monotonicMs(), wallMs: clock.nowMs() };
    const isClean = drained && !recordWentBack;
    const compared = isClean && released !== undefined ? agedBy(released.compared, released.agoMs) : undefined;
    this.#grant = { ...now, drained: isClean, recordWentBack, compared };
    this.#move({ kind: 'Granted', epoch });
    // A grant says as much as a read of the fence.
    if (this.recording) this.#permit = permit;
    log.info({ epoch, before, drained, ...this.canaryStatus() }, 'fence taken');
    if (recordWentBack) log.error({ epoch, loss }, 'the record went back, older approvals end without being sent');
    return { accepted: true, epoch, reason: 'Granted' };
  }

  /** A record whose identity cannot be read right after a grant counts as one that went back. */
  async #lossSince(before: RecordIdentity | undefined): Promise<string | undefined> {
    if (before === undefined) return undefined;
    const now = await this.#options.store.recordIdentity().catch(() => undefined);
    return now === undefined ? 'its identity cannot be read' : lossBetween(before, now);
  }

  /** What this process saw since the last grant. Whoever was granted the fence since has judged it. */
  #lossSeen({ epoch }: Fence): string | undefined {
    return this.#wentBackAt === epoch ? 'it went back while this process was waiting' : undefined;
  }

  reconciled(): void {
    this.#move({ kind: 'Reconciled' });
  }

  /** Records that the database commits no intent of this process any more. */
  intentRefused(why: IntentRefusal): void {
    if (why === 'Fenced') return this.#move({ kind: 'IntentRefused' });
    this.#loseRecord('the database has fewer commits than this process has seen');
  }

  /**
   * Stops sending: another process was granted a newer epoch. Reads the fence, to learn whether the database shows it.
   * Ignores an epoch that is not newer. Never rejects.
   */
  async supersededBy(epoch: number): Promise<void> {
    if (!this.recording || epoch <= this.#state.epoch) return;
    this.#move({ kind: 'Superseded', epoch });
    // Only a read issued now has to show it: one that is under way may be older than the grant.
    const fence = await this.read().catch(() => undefined);
    if (fence === undefined || fence.epoch >= epoch) return;
    this.#options.log.error({ epoch, fenceEpoch: fence.epoch }, 'the database does not show the newest epoch');
    this.#move({ kind: 'ReadStale' });
  }

  /** Stops sending permanently, before the process ends. */
  retire(): void {
    this.#retired = true;
    this.#move({ kind: 'Retired' });
  }

  /** Takes no order any more, from this moment on. Does nothing in a process that does not hold the fence. */
  beginDrain(): void {
    this.#move({ kind: 'DrainRequested' });
  }

  /**
   * Reports to the next sender that this one has nothing in flight. Call it after `beginDrain` or `retire`, once that
   * is true. Nothing is recorded from the call on, unless it fails. Resolves to whether the fence is released.
   */
  async release(compared: ComparedAges): Promise<boolean> {
    const { epoch } = this.#state;
    this.#releasing = true;
    try {
      return await this.#serially(async () => {
        const released = await this.#release(epoch, compared);
        if (released) this.#onReleased();
        return released;
      });
    } finally {
      this.#releasing = false;
    }
  }

  #onReleased(): void {
    this.#move({ kind: 'Released' });
    if (this.#state.role !== 'standby') return;
    this.#grant = undefined;
    this.#permit = undefined;
  }

  async #release(epoch: number, compared: ComparedAges): Promise<boolean> {
    const { store, incarnation, log } = this.#options;
    try {
      return await store.releaseFence({ epoch, holder: incarnation }, compared);
    } catch (error) {
      log.warn({ err: error }, 'releasing the fence failed, the next sender waits');
      return false;
    }
  }

  #move(event: RoleEvent): void {
    const before = this.#state;
    this.#state = nextRole(before, event, this.#options.incarnation);
    if (before.role === this.#state.role) return;
    if (this.#state.role === 'fenced') this.#permit = undefined;
    this.#options.log.info({ from: before.role, ...this.#state }, 'role changed');
  }

  #lossMessage(): string {
    const { loss, epoch, fenceEpoch, announcedEpoch } = this.#state;
    if (loss === 'RecordStale')
      return `epoch ${announcedEpoch} was granted, and the database shows epoch ${fenceEpoch}: it is an old primary, or was restored`;
    if (loss === 'RecordWentBack') return this.#recordLoss;
    if (loss === 'FenceWentBack')
      return `epoch ${epoch} was granted, and the fence went back to epoch ${fenceEpoch}: the database was restored`;
    return `epoch ${epoch} has lost the fence, which is now at epoch ${Math.max(fenceEpoch, announcedEpoch)}`;
  }

  async #exit(signal: AbortSignal): Promise<void> {
    await pause(this.#options.clock, SHOW_FENCED_MS, signal);
    if (signal.aborted) return;
    throw new ExitError(1, this.#state.loss ?? 'Fenced', this.#lossMessage());
  }
}
