/**
 * Why the venue refuses a command: MEXC's code and text (API document, "Error codes"; texts as quoted in issues of its
 * clients).
 */
export interface VenueRefusal {
  readonly code: number;
  readonly message: string;
}

export const BAD_SYMBOL: VenueRefusal = { code: 10007, message: 'bad symbol' };
export const TYPE_NOT_ALLOWED: VenueRefusal = { code: 30041, message: 'current order type can not place order' };
export const PRICE_SCALE: VenueRefusal = { code: 400, message: 'price scale is invalid' };
export const QUANTITY_SCALE: VenueRefusal = { code: 400, message: 'quantity scale is invalid' };
export const PRICE_RANGE: VenueRefusal = { code: 30087, message: 'Order price exceeds allowed range' };
export const NO_QUOTE_FUNDS: VenueRefusal = { code: 30004, message: 'Insufficient position' };
export const NO_BASE_FUNDS: VenueRefusal = { code: 30005, message: 'Oversold' };
export const EMPTY_BOOK: VenueRefusal = { code: 30010, message: 'no valid trade price' };
export const SUSPENDED: VenueRefusal = { code: 30016, message: 'Trading disabled' };
export const TOO_MANY_ORDERS: VenueRefusal = { code: 30029, message: 'Cannot exceed the maximum order limit' };
export const CLIENT_ID: VenueRefusal = {
  code: 700008,
  message: "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9_-]{1,32}$'.",
};
export const UNKNOWN_ORDER: VenueRefusal = { code: -2011, message: 'Unknown order sent.' };

export function missing(parameter: string): VenueRefusal {
  return {
    code: 700004,
    message: `Mandatory parameter '${parameter}' was not sent, was empty/null, or malformed.`,
  };
}

export function belowMinimum(text: string): VenueRefusal {
  return { code: 30002, message: `The minimum transaction volume cannot be less than:${text}` };
}

export function aboveMaximum(text: string): VenueRefusal {
  return { code: 30003, message: `The maximum transaction volume cannot be greater than:${text}` };
}
