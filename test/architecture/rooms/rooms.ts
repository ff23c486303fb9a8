import { OPERATOR_FOLDERS } from './operator-rooms.ts';
import type { Room } from './room.ts';
import { SERVICE_FOLDERS } from './service-rooms.ts';

/**
 * The table of imports: what each room may import. Everything else is rejected. Tests beside files may import
 * everything, including `test/`, so the table does not list them. No other file imports from a test or from `test/`.
 */
export const ROOMS: readonly Room[] = [...SERVICE_FOLDERS, ...OPERATOR_FOLDERS];

/** Single imports that are allowed although the table rejects them, each with its reason. */
export interface Exception {
  readonly from: RegExp;
  readonly to: RegExp;
  readonly reason: string;
}

export const EXCEPTIONS: readonly Exception[] = [
  {
    from: /^services\/shared\/runtime\/healthcheck\.ts$/,
    to: /^services\/shared\/contracts\/catalogue\.ts$/,
    reason: 'the health check of the image is a process of its own, and the catalogue knows the port to ask',
  },
  {
    from: /^operator\/plugin\/version\.ts$/,
    to: /^package\.json$/,
    reason: 'a program that a person installs names the version of the project, which only that file has',
  },
  {
    from: /^operator\/plugin\/view\/sale-tools\.ts$/,
    to: /^operator\/controllers\/trading-stack\/trading\/requests\/authors\.ts$/,
    reason: 'who counts as a person must be one list: the operator obeys what the plugin says of it',
  },
  {
    from: /^operator\/kube\//,
    to: /^services\/shared\/domain\/canonical-json\.ts$/,
    reason: 'canonical JSON is no knowledge of trading, and there must be only one',
  },
];

/** Returns the room of a file: `test` below test/ and for tests beside files; undefined outside the layout. */
export function roomOf(path: string): string | undefined {
  if (isTest(path)) return 'test';
  return ROOMS.find(({ files }) => files.test(path))?.name;
}

/** Tests, wherever they are, and what serves only them: a contract is one suite for several implementations. */
export function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts') || /(?:\/|-)contract\.ts$/.test(path);
}

/** Folders beside the services that are none: no process, no row in the catalogue. */
export const NO_SERVICE: ReadonlySet<string> = new Set(['shared', 'replay']);

/** Folder of the service that a file belongs to; undefined in shared/, replay/ and outside services/. */
export function serviceOf(path: string): string | undefined {
  const name = /^services\/([^/]+)\//.exec(path)?.[1];
  return name === undefined || NO_SERVICE.has(name) ? undefined : name;
}
