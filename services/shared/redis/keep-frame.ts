import { FAN_OUT_LENGTH, VENUE_DEAD_LETTERS } from '../contracts/keys.ts';
import type { Publisher, PublishResult } from './publisher.ts';

/** Appends a frame that could not be parsed to `dead.venue`. */
export async function keepFrame(publisher: Publisher, frame: object): Promise<PublishResult> {
  return await publisher.publish(VENUE_DEAD_LETTERS, frame, { maxLength: FAN_OUT_LENGTH.dead });
}
