import { event, type StackEvent } from './status/events/stack-event.ts';

/** The event of a stack that another installation manages. */
export function foreignEvent(installation: string, holder: string): StackEvent {
  const note =
    `${holder} manages this stack, so ${installation} leaves it alone. Uninstall one of them, or give each its own ` +
    'watchNamespaces; a claim ends three minutes after its holder has stopped';
  return event('Warning', 'ClaimedByOther', 'Claim', note);
}

/** The event of a stack whose former holder has stopped. */
export function takenOverEvent(holder: string): StackEvent {
  return event('Normal', 'ClaimTakenOver', 'Claim', `took over from ${holder}, which has stopped renewing its claim`);
}
