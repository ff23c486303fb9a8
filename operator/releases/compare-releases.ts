import { TIERS, type TierName } from '../../services/shared/contracts/service-row.ts';
import type { ChildObject } from '../resources/child-object.ts';
import { fieldChanges, type FieldChange } from './field-changes.ts';
import type { Release, ServiceRelease } from './render-release.ts';

/** An object in which two releases differ. */
export interface ObjectDifference {
  readonly action: 'Create' | 'Change' | 'Remove';
  readonly kind: string;
  readonly name: string;
  /** Fields that differ: those of the object that it replaces, for one that is named by its content. */
  readonly fields: readonly FieldChange[];
  /** Whether it is the Deployment of the sender, of which there is one per colour. */
  readonly isSender: boolean;
}

export interface TierDifference {
  readonly tier: TierName;
  readonly objects: readonly ObjectDifference[];
  /** Whether the pods of the sender are replaced. */
  readonly replacesSender: boolean;
  /** Whether another release decides, of a service of which only one does. */
  readonly changesDecider: boolean;
}

/** Stands for a service hash. It covers the versions of Secrets, so that it is known only to who has read them. */
const HASH = '<hash>';

/**
 * Returns the tiers in which two releases differ, in rollout order. Service hashes are left out of names and fields:
 * both releases may be rendered without the versions of the Secrets.
 */
export function compareReleases(before: Release | undefined, after: Release): readonly TierDifference[] {
  const [old, next] = [servicesOf(before), servicesOf(after)];
  return TIERS.map((tier) => {
    const names = [...new Set([...old.keys(), ...next.keys()])];
    const pairs = names
      .map((name) => ({ from: old.get(name), to: next.get(name) }))
      .filter(({ from, to }) => (to ?? from)?.row.tier === tier);
    return {
      tier,
      objects: pairs.flatMap(({ from, to }) => differencesOf(from, to)),
      replacesSender: pairs.some(
        ({ from, to }) => to?.deployment !== undefined && from !== undefined && from.hash !== to.hash,
      ),
      changesDecider: pairs.some(
        ({ from, to }) => to?.row.oneReleaseDecides === true && from !== undefined && from.hash !== to.hash,
      ),
    };
  }).filter(({ objects }) => objects.length > 0);
}

function servicesOf(release: Release | undefined): ReadonlyMap<string, ServiceRelease> {
  const services = (release?.tiers ?? []).flatMap((tier) => tier.services);
  return new Map(services.map((service) => [service.row.name, service]));
}

/** An object of a service, without the service hash. */
interface Plain {
  readonly kind: string;
  readonly name: string;
  readonly isSender: boolean;
  readonly content: object;
}

function differencesOf(from: ServiceRelease | undefined, to: ServiceRelease | undefined): readonly ObjectDifference[] {
  const isSame = from?.hash === to?.hash;
  const [old, next] = [plainObjects(from), plainObjects(to)];
  const isKept = (one: Plain, other: Plain): boolean =>
    one.kind === other.kind && one.name === other.name && (isSame || !one.name.includes(HASH));
  const written = next.flatMap((object): readonly ObjectDifference[] => {
    const present = old.find((each) => isKept(each, object));
    const replaced = present ?? old.find(({ kind }) => kind === object.kind && isNamedByContent(object));
    const fields = replaced === undefined ? [] : fieldChanges(replaced.content, object.content);
    if (present === undefined) return [difference('Create', object, fields)];
    return fields.length === 0 && !isReplaced(object, isSame) ? [] : [difference('Change', object, fields)];
  });
  const left = old.filter((object) => !next.some((each) => isKept(object, each)));
  return [...written, ...left.map((object) => difference('Remove', object, []))];
}

/** Settings and Jobs have names that change with their content. */
function isNamedByContent({ kind }: Plain): boolean {
  return kind === 'ConfigMap' || kind === 'Job';
}

/** A new hash alone replaces the pods. */
function isReplaced({ kind }: Plain, isSame: boolean): boolean {
  return kind === 'Deployment' && !isSame;
}

function difference(
  action: ObjectDifference['action'],
  { kind, name, isSender }: Plain,
  fields: readonly FieldChange[],
): ObjectDifference {
  return { action, kind, name, fields: fields.filter(({ path }) => path !== 'metadata.name'), isSender };
}

function plainObjects(service: ServiceRelease | undefined): readonly Plain[] {
  if (service === undefined) return [];
  const { objects, deployment, hash } = service;
  const all = deployment === undefined ? objects : [...objects, deployment];
  return all.map((object) => plainObject(object, hash, object === deployment));
}

function plainObject(object: ChildObject, hash: string, isSender: boolean): Plain {
  const content = JSON.parse(JSON.stringify(object).replaceAll(hash, HASH)) as PlainContent;
  const { kind = '', metadata: { name = '' } = {}, data = {} } = content;
  return { kind, name, isSender, content: kind === 'ConfigMap' ? { ...content, data: parsed(data) } : content };
}

interface PlainContent {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  /** Of a ConfigMap. */
  readonly data?: Readonly<Record<string, string>>;
}

/** Settings are documents, whose fields are compared one by one. */
function parsed(data: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(data).map(([file, text]) => [file, JSON.parse(text) as unknown]));
}
