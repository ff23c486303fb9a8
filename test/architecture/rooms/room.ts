/** What a room may import from another room or a package: everything, or only what is erased with the types. */
export type Grant = 'values' | 'types';

export interface Room {
  readonly name: string;
  /** Files that belong to it. A file belongs to the first room of the list that matches its path. */
  readonly files: RegExp;
  /** Rooms of the project. The prefix `own` means the room of the same service. The room itself is always allowed. */
  readonly rooms: Readonly<Record<string, Grant>>;
  /** npm packages; a deep path must be given in full. */
  readonly packages?: Readonly<Record<string, Grant>>;
  /** Node.js modules by name, or `*` for all. */
  readonly node?: readonly string[];
}
