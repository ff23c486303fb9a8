import type { VenueRefusal } from '../../core/venue-refusal.ts';

/** Reply of an endpoint. MEXC sends status 200 with the object, or 400 with its code and text. */
export type VenueReply =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly refusal: VenueRefusal };

export function answer(body: unknown): VenueReply {
  return { ok: true, body };
}

export function refuse(refusal: VenueRefusal): VenueReply {
  return { ok: false, refusal };
}
