import { tradingStacks } from '../../../../operator/controllers/caches/stack-caches.ts';
import { otherColour } from '../../../../operator/controllers/trading-stack/rollout/colours.ts';
import { RECORD_LABEL } from '../../../../operator/api/v1alpha1/labels.ts';
import { readStatus } from '../../../../operator/api/v1alpha1/trading-stack/read-status.ts';
import type { ExecutionStatus, TradingStackStatus } from '../../../../operator/api/v1alpha1/trading-stack/status.ts';
import { configMaps } from '../../../../operator/kube/client/builtin-resources.ts';
import type { KubeClient } from '../../../../operator/kube/client/client.ts';
import { sampleStack } from '../../../fixtures/sample-stack.ts';
import { until } from '../../until.ts';
import { controllersByHand } from '../controllers-by-hand.ts';
import { newNamespace } from '../kube-client.ts';
import { startOperator, type RunningOperator, type RunningOperatorOptions } from '../running-operator.ts';
import { fencedSenders, type FencedSenders } from './fenced-senders.ts';
import { anonymous, namespaceObjects, type DescribedObjects } from './namespace-objects.ts';
import type { Before } from './sender-violations.ts';
import { operatorLife, type OperatorLife } from './operator-life.ts';

const NAME = 'demo';
const SETTLED_WITHIN_MS = 60_000;

/**
 * No tier soaks, a new sender is on probation for a second, and the old one has no pods after that. It has no spare: a
 * takeover would be another change of the sender, and is judged in takeover.kube.test.ts.
 */
const QUICK = {
  services: { execution: { replicas: 1 } },
  rollout: { soakSeconds: 0 },
  execution: { swap: { warmRollbackSeconds: 0, postSwitchSoakSeconds: 1 } },
};

/** A stack on the real API server in a namespace of its own, with scripted processes whose senders have a fence. */
export class SwappedStackByHand {
  readonly #admin: KubeClient;
  readonly namespace: string;
  readonly senders: FencedSenders;
  readonly #play: () => Promise<void>;

  private constructor(admin: KubeClient, namespace: string) {
    this.#admin = admin;
    this.namespace = namespace;
    this.senders = fencedSenders();
    const hand = controllersByHand(admin, namespace, this.senders);
    this.#play = async () => {
      await hand.play();
      await hand.stopPods();
    };
  }

  static async create(admin: KubeClient): Promise<SwappedStackByHand> {
    const stack = new SwappedStackByHand(admin, await newNamespace(admin, 'mortal'));
    await controllersByHand(admin, stack.namespace, stack.senders).makePlatformSecrets();
    return stack;
  }

  async install(): Promise<void> {
    await this.#admin.create(tradingStacks, sampleStack({ namespace: this.namespace, change: QUICK }));
  }

  async patch(spec: object): Promise<void> {
    await this.#admin.mergePatch(tradingStacks, { namespace: this.namespace, name: NAME }, { spec });
  }

  /** Starts a new process of the operator, which remembers nothing and can do only as much as its life allows. */
  async operator(life: OperatorLife, options: RunningOperatorOptions = {}): Promise<RunningOperator> {
    return await startOperator(this.namespace, life.reach(this.senders), { ...life, ...options });
  }

  /** Lets the cluster run until something holds. */
  async until<T>(what: string, holds: () => T | false | undefined | Promise<T | false | undefined>): Promise<T> {
    const probe = async (): Promise<T | false | undefined> => {
      await this.#play();
      return await holds();
    };
    return await until(probe, { what, withinMs: SETTLED_WITHIN_MS });
  }

  /** Waits until nothing is left to do: one colour sends in this epoch or a later one, and the other has no pods. */
  async untilSettled(epoch: number): Promise<void> {
    await this.until(`the stack to settle in epoch ${epoch}`, async () => await this.isSettled(epoch));
  }

  async isSettled(epoch: number): Promise<boolean> {
    const { phase, execution } = await this.status();
    if (phase !== 'Running' || execution === undefined || execution.epoch < epoch) return false;
    return execution.lastSwap?.soak?.state !== 'Soaking' && hasOneColour(execution);
  }

  /** Carries out a change by an operator that lives long enough. Returns what that took. */
  async undisturbed(change: () => Promise<void>): Promise<OperatorLife> {
    const life = operatorLife();
    const epoch = this.epoch + 1;
    const operator = await this.operator(life);
    await change();
    await this.untilSettled(epoch);
    await until(() => operator.controller.idle());
    await operator.stop();
    return life;
  }

  async status(): Promise<TradingStackStatus> {
    return readStatus((await this.#admin.get(tradingStacks, { namespace: this.namespace, name: NAME })).status);
  }

  /** Epoch of the last grant. */
  get epoch(): number {
    return this.senders.grants.at(-1)?.epoch ?? 0;
  }

  /** What a judgement of the next change of the sender starts from. */
  get before(): Before {
    return { epoch: this.epoch, commands: this.senders.commands.length };
  }

  /**
   * The objects, with the roles of the colours and of the given words instead of their names, and without the records
   * of releases, whose number grows with each change.
   */
  async objects(roles: Readonly<Record<string, string>> = {}): Promise<DescribedObjects> {
    const { execution } = await this.status();
    const active = execution?.active === 'green' ? 'green' : 'blue';
    const colours = { [active]: 'active', [otherColour(active)]: 'idle' };
    const all = await namespaceObjects(this.#admin, this.namespace);
    const current = Object.entries(all).filter(([name]) => !name.startsWith(`ConfigMap/${NAME}-release-`));
    return anonymous(Object.fromEntries(current), { [this.namespace]: 'namespace', ...colours, ...roles });
  }

  /** Hashes of the releases that have a record, and of those in the history. */
  async records(): Promise<{ readonly kept: readonly string[]; readonly named: readonly string[] }> {
    const { items } = await this.#admin.list(configMaps, { namespace: this.namespace, labelSelector: RECORD_LABEL });
    const history = (await this.status()).release?.history ?? [];
    return {
      kept: items.map(({ metadata }) => metadata.name.replace(`${NAME}-release-`, '')).toSorted(),
      named: [...new Set(history.map(({ release }) => release))].toSorted(),
    };
  }
}

/** Whether one colour sends and the other has no pods. */
function hasOneColour({ active, ...colours }: ExecutionStatus): boolean {
  if (active === 'none' || active === 'Unknown') return false;
  return (colours[otherColour(active)]?.desired ?? 0) === 0;
}
