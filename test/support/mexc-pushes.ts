import { encodePush, type MexcPushBody } from '../../services/shared/venue/mexc/stream/protobuf.ts';

/** A fill of 10 XRP as the private stream pushes it. */
export const privateDeal = {
  kind: 'privateDeal',
  price: '0.0014',
  quantity: '10',
  amount: '0.014',
  tradeType: 2,
  isMaker: true,
  isSelfTrade: false,
  tradeId: 'T1',
  clientOrderId: 'abc',
  orderId: 'V1',
  feeAmount: '0.000014',
  feeCurrency: 'ETH',
  time: 1_700,
} as const satisfies MexcPushBody;

/** An order of 10 XRP that ended with 4 of them filled. */
export const privateOrder = {
  kind: 'privateOrder',
  id: 'V1',
  clientId: 'abc',
  price: '0.0014',
  quantity: '10',
  amount: '0.014',
  avgPrice: '0',
  orderType: 3,
  tradeType: 1,
  isMaker: false,
  remainAmount: '0',
  remainQuantity: '6',
  lastDealQuantity: '0',
  cumulativeQuantity: '4',
  cumulativeAmount: '0',
  status: 5,
  createTime: 1,
} as const satisfies MexcPushBody;

/** The frame of a body, with the header that private pushes have. */
export function pushFrame(body: MexcPushBody, symbol = 'XRPETH'): Uint8Array {
  return encodePush({ channel: 'x', symbol, createTime: 1, sendTime: 1, body });
}
