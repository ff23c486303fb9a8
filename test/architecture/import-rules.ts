import { posix } from 'node:path';
import type { Grant, Room } from './rooms/room.ts';
import { EXCEPTIONS, isTest, roomOf, ROOMS, serviceOf, type Exception } from './rooms/rooms.ts';
import type { Import, SourceFile } from './source-file.ts';
import type { Violation } from './violation.ts';

/** Returns every import that the table of rooms does not allow. */
export function importViolations(files: readonly SourceFile[], exceptions = EXCEPTIONS): readonly Violation[] {
  return files.flatMap((file) => {
    if (isTest(file.path)) return [];
    const room = ROOMS.find(({ files: pattern }) => pattern.test(file.path));
    if (room === undefined) return [broken(file.path, 'room', 'belongs to no room of the layout')];
    return file.imports
      .flatMap((one) => refusal(file.path, one, room) ?? [])
      .filter((one) => !excepted(one, exceptions));
  });
}

/** Returns exceptions that no import needs any more. */
export function idleExceptions(files: readonly SourceFile[], exceptions = EXCEPTIONS): readonly Exception[] {
  const refused = importViolations(files, []);
  return exceptions.filter((exception) => !refused.some((one) => excepted(one, [exception])));
}

/** A right of a room that none of its files uses, or uses only for types. */
export interface IdleGrant {
  readonly room: string;
  readonly to: string;
  readonly grant: Grant;
}

/** Returns the grants of rooms outside of services that no import needs any more. */
export function idleGrants(files: readonly SourceFile[], rooms: readonly Room[]): readonly IdleGrant[] {
  return rooms.flatMap((room) => {
    const members = files.filter(({ path }) => !isTest(path) && roomOf(path) === room.name);
    const uses = members.flatMap(({ path, imports }) => imports.map((one) => useOf(path, one)));
    return grantsOf(room)
      .filter(({ to, grant }) => !uses.some((use) => needs(use, to, grant)))
      .map((grant) => ({ room: room.name, ...grant }));
  });
}

function grantsOf({ rooms, packages = {}, node = [] }: Room): readonly Omit<IdleGrant, 'room'>[] {
  const granted = Object.entries({ ...rooms, ...packages }).map(([to, grant]) => ({ to, grant }));
  return [...granted, ...node.map((module) => ({ to: module, grant: 'values' as const }))];
}

interface Use {
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Returns what an import uses, as the table names it. */
function useOf(path: string, { specifier, typeOnly }: Import): Use {
  const target = targetOf(path, specifier);
  const packageName = packageOf(specifier, target);
  if (packageName !== undefined) return { to: packageName, typeOnly };
  return { to: roomOf(target) ?? '', typeOnly };
}

/** Modules of Node.js are granted as a whole. */
function needs(use: Use, to: string, grant: Grant): boolean {
  return use.to === to && (grant === 'types' || !use.typeOnly || to.startsWith('node:'));
}

interface Refusal extends Violation {
  readonly target: string;
}

function refusal(path: string, { specifier, typeOnly }: Import, room: Room): Refusal | undefined {
  const refuse = (target: string, rule: string, message: string) => ({ ...broken(path, rule, message), target });
  const target = targetOf(path, specifier);
  const packageName = packageOf(specifier, target);
  if (packageName !== undefined) {
    const grant = packageGrant(packageName, room);
    if (suffices(grant, typeOnly)) return undefined;
    return refuse(packageName, 'package', `${room.name} may not import ${nameOf(grant, packageName)}`);
  }
  if (isTest(target)) return refuse(target, 'test', `imports ${target}; no file may import from a test`);
  if (suffices(roomGrant(path, target, room), typeOnly)) return undefined;
  return refuse(target, 'room', `${room.name} may not import ${nameOf(roomGrant(path, target, room), target)}`);
}

function targetOf(path: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier;
}

/** Returns the package, including for a path through node_modules to a file that the package does not export. */
function packageOf(specifier: string, target: string): string | undefined {
  if (!specifier.startsWith('.')) return specifier;
  return target.startsWith(INSTALLED) ? target.slice(INSTALLED.length) : undefined;
}

const INSTALLED = 'node_modules/';

function roomGrant(path: string, target: string, room: Room): Grant | undefined {
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) return undefined;
  const [service, owner] = [serviceOf(path), serviceOf(target)];
  if (owner === undefined) return targetRoom === room.name ? 'values' : room.rooms[targetRoom];
  if (service === undefined) return room.rooms[targetRoom];
  if (service !== owner) return undefined;
  return targetRoom === room.name ? 'values' : room.rooms[`own ${targetRoom}`];
}

function packageGrant(specifier: string, room: Room): Grant | undefined {
  if (!specifier.startsWith('node:')) return room.packages?.[specifier];
  const allowed = room.node ?? [];
  return allowed.includes('*') || allowed.includes(specifier) ? 'values' : undefined;
}

function suffices(grant: Grant | undefined, typeOnly: boolean): boolean {
  return grant === 'values' || (grant === 'types' && typeOnly);
}

function nameOf(grant: Grant | undefined, target: string): string {
  return grant === 'types' ? `values of ${target}, only types` : target;
}

function excepted(violation: Violation & { readonly target?: string }, exceptions: readonly Exception[]): boolean {
  const { path, target = '' } = violation;
  return exceptions.some(({ from, to }) => from.test(path) && to.test(target));
}

function broken(path: string, rule: string, message: string): Violation {
  return { path, rule, message };
}
