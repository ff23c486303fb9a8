import { CATALOGUE } from '../../../services/shared/contracts/catalogue.ts';
import type { ArgumentKind, Command } from '../call/command.ts';
import { COMMON_FLAGS, type Flag } from '../call/flags.ts';

/** A word that may stand next, with what it means. */
export interface Suggestion {
  readonly word: string;
  readonly help: string;
}

/** What completes the last word: words that are known here, or names that the cluster or the kubeconfig has. */
export type Wanted =
  | { readonly kind: 'Words'; readonly words: readonly Suggestion[] }
  | { readonly kind: 'Stacks' | 'Namespaces' | 'Contexts' | 'Files' };

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Returns what may stand in place of the last of the words, which may be empty. Pure. */
export function suggest(words: readonly string[], commands: readonly Command[]): Wanted {
  const [last = '', ...before] = words.toReversed();
  const earlier = before.toReversed();
  const command = commands.find(({ name }) => name === firstArgument(earlier, COMMON_FLAGS));
  const flags = [...COMMON_FLAGS, ...(command?.flags ?? [])];
  const open = flags.find((flag) => flag.value !== undefined && spells(flag, earlier.at(-1)));
  if (open !== undefined) return valuesOf(open);
  if (last.startsWith('-'))
    return wordsOf(
      flags.map(({ name, help }) => ({ word: `--${name}`, help })),
      last,
    );
  if (command === undefined)
    return wordsOf(
      commands.map(({ name, summary }) => ({ word: name, help: summary })),
      last,
    );
  const isFirst = argumentsIn(earlier, flags).length === 1;
  return isFirst && command.argument !== undefined ? argumentsFor(command.argument.kind, last) : wordsOf([], last);
}

function argumentsFor(kind: ArgumentKind, last: string): Wanted {
  if (kind === 'stack') return { kind: 'Stacks' };
  const services = CATALOGUE.map(({ name, tier }) => ({ word: name, help: `tier ${tier}` }));
  return wordsOf(kind === 'service' ? services : SHELLS.map((word) => ({ word, help: '' })), last);
}

function valuesOf({ name, choices = [] }: Flag): Wanted {
  switch (name) {
    case 'namespace':
    case 'operator-namespace':
      return { kind: 'Namespaces' };
    case 'context':
      return { kind: 'Contexts' };
    case 'kubeconfig':
    case 'filename':
      return { kind: 'Files' };
    case 'stack':
      return { kind: 'Stacks' };
    default:
      return wordsOf(
        choices.map((word) => ({ word, help: '' })),
        '',
      );
  }
}

function wordsOf(words: readonly Suggestion[], start: string): Wanted {
  return { kind: 'Words', words: words.filter(({ word }) => word.startsWith(start)) };
}

function firstArgument(words: readonly string[], flags: readonly Flag[]): string | undefined {
  return argumentsIn(words, flags)[0];
}

/** The words that are neither flags nor their values. */
function argumentsIn(words: readonly string[], flags: readonly Flag[]): readonly string[] {
  return words.filter((word, index) => {
    const owner = flags.find((flag) => flag.value !== undefined && spells(flag, words[index - 1]));
    return !word.startsWith('-') && owner === undefined;
  });
}

function spells({ name, short }: Flag, word: string | undefined): boolean {
  return word === `--${name}` || (short !== undefined && word === `-${short}`);
}
