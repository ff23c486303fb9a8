import type { ServerResponse } from 'node:http';
import { FIELD_MANAGER } from '../../../operator/plugin/cluster/cluster.ts';
import { sendJson, sendStatus, type ApiAnswer, type ApiCall } from '../kube/fake-api-server.ts';
import { STACKS, stackOf, type Script, type Scripted } from './scripted-cluster.ts';

interface Change {
  readonly metadata?: {
    readonly annotations?: Readonly<Record<string, string | null>>;
    readonly resourceVersion?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

type Owners = ReadonlyMap<string, ReadonlySet<string>>;

export interface KeptOptions extends Scripted {
  /** Manager of the annotations and fields that the stack begins with. */
  readonly manager: string;
  /** Called before the first write that names a version: somebody else is quicker. */
  readonly between?: () => Promise<unknown>;
  /** Called after each answer to a write: somebody else follows. */
  readonly after?: () => void;
}

/**
 * The stack demo of an API server that keeps it: patches and applies change it, and what they change is theirs. As in a
 * real one, a merge patch owns only what it changes, and neither makes a new version of a stack that stays the same. An
 * apply owns all that it names. If nothing changes, a real one records no time, without which no owner counts.
 */
export class KeptStack {
  #annotations: Readonly<Record<string, string>>;
  #spec: Readonly<Record<string, unknown>>;
  #owners: Owners;
  #version = 7;
  #generation = 1;
  #between: (() => Promise<unknown>) | undefined;
  readonly #given: KeptOptions;
  constructor(given: KeptOptions) {
    this.#given = given;
    this.#annotations = given.annotations ?? {};
    this.#spec = { ...given.spec };
    this.#between = given.between;
    const paths = [...Object.keys(this.#annotations), ...Object.keys(this.#spec)];
    this.#owners = new Map(paths.map((path) => [path, new Set([given.manager])]));
  }

  /** What the API server answers. */
  script(): Script {
    const get: ApiAnswer = (response) => sendJson(response, this.#stack());
    const patch: ApiAnswer = (response, call) => void this.#patch(response, call);
    return { [`GET ${STACKS}/demo`]: get, [`PATCH ${STACKS}/demo`]: patch };
  }

  get annotations(): Readonly<Record<string, string>> {
    return this.#annotations;
  }

  get spec(): Readonly<Record<string, unknown>> {
    return this.#spec;
  }

  /** As a write of the operator does, which changes the status. */
  writeStatus(): void {
    this.#version += 1;
  }

  /** Names of the managers that own an annotation or a field of the spec. */
  ownersOf(path: string): readonly string[] {
    return [...(this.#owners.get(path) ?? [])];
  }

  async #patch(response: ServerResponse, call: ApiCall): Promise<void> {
    const change = JSON.parse(call.body) as Change;
    await this.#yieldTo(change);
    const wanted = change.metadata?.resourceVersion;
    if (wanted === undefined || wanted === String(this.#version)) {
      this.#change(change, call.query.get('fieldManager') ?? '', call.query.has('force'));
      sendJson(response, this.#stack());
      this.#given.after?.();
    } else {
      sendStatus(response, 409, { reason: 'Conflict', message: 'the object has been modified' });
    }
  }

  async #yieldTo({ metadata }: Change): Promise<void> {
    if (metadata?.resourceVersion === undefined) return;
    const between = this.#between;
    this.#between = undefined;
    await between?.();
  }

  /** As a merge patch by another client. */
  write(change: Change, manager: string): void {
    this.#change(change, manager, false);
  }

  #change({ metadata, spec = {} }: Change, manager: string, isApply: boolean): void {
    const given = metadata?.annotations ?? {};
    const changed = [
      ...Object.keys(given).filter((name) => (this.#annotations[name] ?? null) !== given[name]),
      ...Object.keys(spec).filter((name) => this.#spec[name] !== spec[name]),
    ];
    if (changed.length === 0) return;
    this.#version += 1;
    if (changed.some((path) => path in spec)) this.#generation += 1;
    const named = isApply ? [...Object.keys(given), ...Object.keys(spec)] : changed;
    const ownersOf = (path: string) => new Set([...(changed.includes(path) ? [] : this.ownersOf(path)), manager]);
    this.#owners = new Map([...this.#owners, ...named.map((path) => [path, ownersOf(path)] as const)]);
    const annotations = Object.entries({ ...this.#annotations, ...given }).filter(([, value]) => value !== null);
    this.#annotations = Object.fromEntries(annotations) as Record<string, string>;
    this.#spec = { ...this.#spec, ...spec };
  }

  #stack() {
    const managers = new Set([...this.#owners.values()].flatMap((names) => [...names]));
    const managedFields = [...managers].map((manager) => ({ manager, fieldsV1: this.#fieldsOf(manager) }));
    const { status } = this.#given;
    const content = { annotations: this.#annotations, spec: this.#spec, managedFields };
    const stack = stackOf(status === undefined ? content : { ...content, status });
    const versions = { resourceVersion: String(this.#version), generation: this.#generation };
    return { ...stack, metadata: { ...stack.metadata, ...versions } };
  }

  #fieldsOf(manager: string): object {
    const own = [...this.#owners].filter(([, names]) => names.has(manager)).map(([path]) => path);
    const among = (values: object) =>
      Object.fromEntries(own.filter((path) => path in values).map((path) => [`f:${path}`, {}]));
    return { 'f:metadata': { 'f:annotations': among(this.#annotations) }, 'f:spec': among(this.#spec) };
  }
}

/** Names this program as the manager of what a stack begins with. */
export const BY_PLUGIN = { manager: FIELD_MANAGER } as const;
