import protobuf from 'protobufjs/minimal.js';
import { readMessage, writeMessage, writeNested, type Message, type MessageFields } from './protobuf-message.ts';

/**
 * Frame of MEXC's spot WebSocket: `PushDataV3ApiWrapper` with the bodies that we use. Field numbers are those of the
 * venue's published definitions (websocket-proto, 2025). Prices and amounts are decimal strings; times are UTC
 * milliseconds.
 */
export interface MexcPush {
  readonly channel: string;
  /** The venue's spelling, `XRPETH`; empty on account pushes. */
  readonly symbol: string;
  readonly createTime: number;
  readonly sendTime: number;
  readonly body: MexcPushBody;
}

/** `other` is a body that this codec does not decode: of another channel or a newer schema. */
export type MexcPushBody =
  | { readonly [K in BodyKind]: { readonly kind: K } & Message<Bodies[K][1]> }[BodyKind]
  | { readonly kind: 'other' };

/** Thrown on bytes that are not a frame: truncated, or with a wrong wire type for a known field. */
export class MexcFrameError extends Error {
  readonly code = 'MalformedFrame';

  constructor(length: number, cause: unknown) {
    super(`frame of ${length} bytes is not a PushDataV3ApiWrapper`, { cause });
    this.name = 'MexcFrameError';
  }
}

export function encodePush(push: MexcPush): Uint8Array {
  const writer = writeMessage(HEADER, push);
  const { body } = push;
  if (body.kind !== 'other') {
    const [id, fields] = BODIES[body.kind];
    writeNested(writer, id, fields, body);
  }
  return writer.finish();
}

/** Throws MexcFrameError. */
export function decodePush(bytes: Uint8Array): MexcPush {
  try {
    const header = readMessage(HEADER, protobuf.Reader.create(bytes));
    return { ...header, body: readBody(protobuf.Reader.create(bytes)) };
  } catch (error) {
    throw new MexcFrameError(bytes.length, error);
  }
}

/** The body is a sibling of the header's fields; the last one on the wire wins, as in every oneof. */
function readBody(reader: protobuf.Reader): MexcPushBody {
  let body: MexcPushBody = { kind: 'other' };
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const kind = KIND_OF_ID.get(tag >>> 3);
    if (kind === undefined) reader.skipType(tag & 7);
    else if ((tag & 7) !== 2) throw new Error(`${kind} has wire type ${tag & 7}`);
    else body = { kind, ...readMessage<MessageFields>(BODIES[kind][1], reader, reader.uint32()) } as MexcPushBody;
  }
  return body;
}

const HEADER = {
  channel: [1, 'string'],
  symbol: [3, 'string'],
  createTime: [5, 'int64'],
  sendTime: [6, 'int64'],
} as const satisfies MessageFields;

const DEAL = { price: [1, 'string'], quantity: [2, 'string'], tradeType: [3, 'int32'], time: [4, 'int64'] } as const;
const LEVEL = { price: [1, 'string'], quantity: [2, 'string'] } as const;

/** PublicAggreDealsV3Api; tradeType 1: the taker bought, 2: the taker sold. */
const DEALS = { deals: [1, [DEAL]], eventType: [2, 'string'] } as const;
/** PublicAggreDepthsV3Api; quantity "0" removes the level. */
const DEPTHS = {
  asks: [1, [LEVEL]],
  bids: [2, [LEVEL]],
  eventType: [3, 'string'],
  fromVersion: [4, 'string'],
  toVersion: [5, 'string'],
} as const;
const BOOK_TICKER = {
  bidPrice: [1, 'string'],
  bidQuantity: [2, 'string'],
  askPrice: [3, 'string'],
  askQuantity: [4, 'string'],
} as const;
/** PrivateOrdersV3Api without its trigger and routing fields. */
const PRIVATE_ORDER = {
  id: [1, 'string'],
  clientId: [2, 'string'],
  price: [3, 'string'],
  quantity: [4, 'string'],
  amount: [5, 'string'],
  avgPrice: [6, 'string'],
  orderType: [7, 'int32'],
  tradeType: [8, 'int32'],
  isMaker: [9, 'bool'],
  remainAmount: [10, 'string'],
  remainQuantity: [11, 'string'],
  lastDealQuantity: [12, 'string'],
  cumulativeQuantity: [13, 'string'],
  cumulativeAmount: [14, 'string'],
  status: [15, 'int32'],
  createTime: [16, 'int64'],
} as const;
const PRIVATE_DEAL = {
  price: [1, 'string'],
  quantity: [2, 'string'],
  amount: [3, 'string'],
  tradeType: [4, 'int32'],
  isMaker: [5, 'bool'],
  isSelfTrade: [6, 'bool'],
  tradeId: [7, 'string'],
  clientOrderId: [8, 'string'],
  orderId: [9, 'string'],
  feeAmount: [10, 'string'],
  feeCurrency: [11, 'string'],
  time: [12, 'int64'],
} as const;
const PRIVATE_ACCOUNT = {
  vcoinName: [1, 'string'],
  coinId: [2, 'string'],
  balanceAmount: [3, 'string'],
  balanceAmountChange: [4, 'string'],
  frozenAmount: [5, 'string'],
  frozenAmountChange: [6, 'string'],
  type: [7, 'string'],
  time: [8, 'int64'],
} as const;

/** Field number of each body in the wrapper, and its fields. */
const BODIES = {
  privateOrder: [304, PRIVATE_ORDER],
  privateDeal: [306, PRIVATE_DEAL],
  privateAccount: [307, PRIVATE_ACCOUNT],
  depths: [313, DEPTHS],
  deals: [314, DEALS],
  bookTicker: [315, BOOK_TICKER],
} as const satisfies Readonly<Record<string, readonly [number, MessageFields]>>;
type Bodies = typeof BODIES;
type BodyKind = keyof Bodies;

const KIND_OF_ID: ReadonlyMap<number, BodyKind> = new Map(
  Object.entries(BODIES).map(([kind, [id]]) => [id, kind as BodyKind]),
);

export type MexcLevel = Message<typeof LEVEL>;
export type MexcDeal = Message<typeof DEAL>;
