import { runLostReplies } from '../models/lost-replies.ts';
import type { DefectRun } from './planted-defect.ts';

/** The first seed of the model in the ordinary run. */
const FIRST = 24;

/** Runs the order path with lost replies, changes of the sender and orders that rest. */
export const lostReplies: DefectRun = async (seed, overrides) =>
  (await runLostReplies(FIRST + seed, overrides)).violations;
