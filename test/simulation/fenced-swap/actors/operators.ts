import type { Rules } from '../rules.ts';
import { fault, step, type Step } from '../step.ts';
import type { Call, Plan, Status, World } from '../world.ts';
import { obeyed } from './calls.ts';
import { decided, sameStatus } from './decided.ts';

/**
 * Two operators, each of which believes that it leads. One looks at the status and at the processes, decides by the
 * code of the operator, and then acts step by step, at any later time.
 */
export function operatorSteps(world: World, rules: Rules): readonly Step[] {
  return world.operators.flatMap((plan, index) => {
    if (plan === undefined) return looked(world, index, rules);
    return [...next(world, { plan, index }, rules), fault(`operator ${index} crashes`, withPlan(world, index))];
  });
}

/** Calls that the network delivers late, or never. */
export function networkSteps(world: World, rules: Rules): readonly Step[] {
  const { late } = world;
  if (late === undefined) return [];
  const without = { ...world, late: undefined };
  return [
    step(`${textOf(late)} arrives late`, obeyed(without, late, rules)),
    fault(`${textOf(late)} is lost`, without),
  ];
}

function looked(world: World, index: number, rules: Rules): readonly Step[] {
  const plan = decided(world, rules);
  if (plan === undefined || isInVain(world, plan, rules)) return [];
  return [step(`operator ${index} looks and decides`, withPlan(world, index, plan))];
}

/**
 * Of two operators that are about to write, only one does: what they may do is what each may do alone. So the model
 * leaves such worlds out.
 */
function isInVain({ operators }: World, { saw }: Plan, { comparesStatus }: Rules): boolean {
  return comparesStatus && saw !== undefined && operators.some((other) => other?.saw !== undefined);
}

interface Acting {
  readonly plan: Plan;
  readonly index: number;
}

function next(world: World, acting: Acting, rules: Rules): readonly Step[] {
  const { plan } = acting;
  if (plan.saw !== undefined) return [written(world, acting, rules)];
  const [call, ...rest] = plan.calls;
  return call === undefined ? [] : called(world, { ...acting, call, rest }, rules);
}

function written(world: World, { plan, index }: Acting, rules: Rules): Step {
  const isRefused = rules.comparesStatus && plan.saw !== undefined && !sameStatus(world.status, plan.saw);
  if (isRefused) return step(`operator ${index} is refused its write of the status`, withPlan(world, index));
  const recorded = Math.max(world.recorded, plan.status.transition?.epoch ?? 0);
  const after = { ...world, status: plan.status, recorded };
  return step(`operator ${index} writes the status: ${statusText(plan.status)}`, rested(after, index, plan));
}

/** An operator whose plan is done looks again. */
function rested(world: World, index: number, { status, calls }: Pick<Plan, 'status' | 'calls'>): World {
  return calls.length === 0 ? withPlan(world, index) : withPlan(world, index, { saw: undefined, status, calls });
}

function called(
  world: World,
  { plan, index, call, rest }: Acting & { readonly call: Call; readonly rest: readonly Call[] },
  rules: Rules,
): readonly Step[] {
  const text = textOf(call);
  const done = (after: World): World => rested(after, index, { status: plan.status, calls: rest });
  const asked = call.kind === 'Activate' && call.epoch > world.recorded ? broken(world, call) : world;
  const obeying = obeyed(asked, call, rules);
  return [
    step(`operator ${index} calls: ${text}`, done(obeying)),
    ...(obeying === world ? [] : [fault(`operator ${index} calls, and will repeat: ${text}`, obeying)]),
    fault(`operator ${index} calls in vain: ${text}`, done(asked)),
    ...(world.late === undefined
      ? [fault(`operator ${index} calls slowly: ${text}`, done({ ...asked, late: call }))]
      : []),
  ];
}

function broken(world: World, { epoch }: Call): World {
  return { ...world, broken: `Recorded: epoch ${epoch} is asked for before the status has it` };
}

function withPlan(world: World, index: number, plan?: Plan): World {
  return { ...world, operators: world.operators.map((one, at) => (at === index ? plan : one)) };
}

function textOf({ kind, to, epoch }: Call): string {
  return kind === 'Drain' ? `drain ${to}, epoch ${epoch}` : `activate ${to} in epoch ${epoch}`;
}

function statusText({ active, epoch, transition }: Status): string {
  const to = transition === undefined ? 'no transition' : `transition to ${transition.to} in epoch ${transition.epoch}`;
  return `active ${active}, epoch ${epoch}, ${to}`;
}
