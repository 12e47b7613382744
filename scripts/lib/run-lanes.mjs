import { LANES } from './lanes.mjs';
import { wholeLane } from './lane-result.mjs';
import { laneOutput } from './output.mjs';

const AT_ONCE = 2;

/** @typedef {import('./lane-result.mjs').TimedResult} TimedResult */

/**
 * Runs lanes: the quiet one alone, then the others, two at a time.
 * @param {ReadonlyMap<string, readonly string[]>} chosen files of each lane; none: all
 * @param {{ signal: AbortSignal, full: boolean }} options
 * @returns {Promise<TimedResult[]>} in the order of LANES
 */
export async function runLanes(chosen, { signal, full }) {
  /** @type {TimedResult[]} */
  const results = [];
  const run = async (/** @type {string} */ lane) => {
    const output = laneOutput(lane, chosen.size === 1);
    output.line('begins');
    const startedAt = performance.now();
    const result = await runSafely(lane, { files: chosen.get(lane) ?? [], output, signal, full });
    results.push({ lane, ...result, seconds: (performance.now() - startedAt) / 1000 });
  };
  if (chosen.has('quiet')) await run('quiet');
  const waiting = Object.keys(LANES).filter((lane) => lane !== 'quiet' && chosen.has(lane));
  const track = async () => {
    for (let lane = waiting.shift(); lane !== undefined && !signal.aborted; lane = waiting.shift()) await run(lane);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, track));
  const order = Object.keys(LANES);
  return results.toSorted((a, b) => order.indexOf(a.lane) - order.indexOf(b.lane));
}

/**
 * A lane that throws has failed, and the others go on.
 * @param {string} lane
 * @param {import('./lanes.mjs').Run} run
 */
async function runSafely(lane, run) {
  try {
    const start = LANES[lane];
    if (start === undefined) throw new Error(`there is no lane ${lane}`);
    return await start(run);
  } catch (error) {
    return wholeLane(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}
