/** Returns everything that broke in the run of a seed. */
export type SeedRun = (seed: number) => Promise<readonly string[]>;

/**
 * Most defects show in the first seed, the rarest in the twentieth. That is one draw of the faults: in another one, as
 * after a change of what is drawn, a defect may show earlier or later.
 */
const SEEDS = 60;
/** Of other problems, to see what a defect does instead. */
const SHOWN = 5;

/**
 * Runs one seed after another, until they have shown everything wanted. Returns what none of them shows, as text.
 */
export async function undetected(run: SeedRun, wanted: readonly RegExp[], seeds = SEEDS): Promise<readonly string[]> {
  const missing = new Set(wanted);
  const others: string[] = [];
  for (let seed = 0; seed < seeds && missing.size > 0; seed += 1) {
    const problems = await run(seed);
    for (const one of wanted) if (problems.some((problem) => one.test(problem))) missing.delete(one);
    others.push(...problems);
  }
  const shown = others.length === 0 ? 'nothing' : others.slice(0, SHOWN).join('; ');
  return [...missing].map((one) => `no seed from 0 to ${seeds - 1} shows ${one.source}; they show ${shown}`);
}
