import { namespaces } from '../../kube/client/builtin-resources.ts';
import { tradingStacks } from '../../controllers/caches/stack-caches.ts';
import type { Command } from '../call/command.ts';
import { PluginError } from '../call/plugin-error.ts';
import { parseCall } from '../call/parse-call.ts';
import { readAccess } from '../cluster/cluster.ts';
import type { Session } from '../session.ts';
import { suggest, type Suggestion, type Wanted } from './suggest.ts';

/** The word with which a shell, or kubectl, asks for suggestions. */
export const COMPLETE = '__complete';

/** Directives of cobra (`ShellCompDirective`): whether the shell may offer files too. */
const [FILES, NO_FILES] = [0, 4];

/**
 * Prints what may stand in place of the last of the words, one a line with its help after a tab, and the directive
 * last: the protocol of kubectl's plugins (`kubectl_complete-<name>`). Prints fewer words rather than an error.
 */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  session: Session,
): Promise<void> {
  const wanted = suggest(words, commands);
  const found = await wordsFor(wanted, { words, commands, session });
  const start = words.at(-1) ?? '';
  const lines = found
    .filter(({ word }) => word.startsWith(start))
    .map(({ word, help }) => (help === '' ? word : `${word}\t${help}`));
  session.terminal.out([...lines, `:${wanted.kind === 'Files' ? FILES : NO_FILES}`].join('\n'));
}

interface Asked {
  readonly words: readonly string[];
  readonly commands: readonly Command[];
  readonly session: Session;
}

async function wordsFor(wanted: Wanted, asked: Asked): Promise<readonly Suggestion[]> {
  switch (wanted.kind) {
    case 'Words':
      return wanted.words;
    case 'Files':
      return [];
    case 'Contexts':
      return contextsOf();
    default:
      return await namesOf(wanted.kind, asked);
  }
}

const plain = (word: string): Suggestion => ({ word, help: '' });

function contextsOf(): readonly Suggestion[] {
  try {
    const access = readAccess({ kubeconfig: undefined, context: undefined, namespace: undefined });
    return access.kubeConfig.getContexts().map(({ name }) => plain(name));
  } catch (error) {
    if (error instanceof PluginError) return [];
    throw error;
  }
}

const NAMES_MS = 2_000;

/** A cluster that does not answer, or a right that is missing, must not disturb a command line. */
async function namesOf(
  kind: 'Stacks' | 'Namespaces',
  { words, commands, session }: Asked,
): Promise<readonly Suggestion[]> {
  try {
    const parsed = parseCall(words.slice(0, -1), commands);
    const { client, namespace } = session.open(parsed.kind === 'Run' ? parsed.call.flags : new Map());
    const { items } =
      kind === 'Stacks'
        ? await client.list(tradingStacks, { namespace, deadlineMs: NAMES_MS })
        : await client.list(namespaces, { deadlineMs: NAMES_MS });
    return items.map(({ metadata }) => plain(metadata.name));
  } catch {
    return [];
  }
}
