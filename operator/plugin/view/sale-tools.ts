import { isPerson } from '../../controllers/trading-stack/trading/requests/authors.ts';

/** Says which tools request a sale again that a person withdraws, by the owners of the field that requests it. Pure. */
export function sellsAgain(owners: readonly string[], field: string): string | undefined {
  const tools = [...new Set(owners)].filter((name) => !isPerson(name));
  if (tools.length === 0) return undefined;
  const set = tools.length === 1 ? 'sets' : 'set';
  return `${tools.join(', ')} ${set} ${field} too: remove it from the manifest, or the next sync requests the sale again.`;
}

/** Says of a sale what follows from that only a tool is on record as its owner. */
export function unrecordedText(why: string): string {
  return `It could not be recorded that a person asked (${why}), so the tool's false ends the sale: repeat the command.`;
}

/** Says of the end of a sale what follows from that only a tool is on record for it. */
export function unendedText(why: string): string {
  return `it could not be recorded that a person ends the sale (${why}), so it may go on; repeat the command`;
}
