/**
 * Where a lane prints. Lines of lanes that run side by side carry the lane's name as a prefix.
 * @typedef {{ line: (text: string) => void }} Output
 */

/**
 * @param {string} lane
 * @param {boolean} isAlone
 * @returns {Output}
 */
export function laneOutput(lane, isAlone) {
  const prefix = isAlone ? '' : `${lane.padEnd(11)} │ `;
  return { line: (text) => void process.stdout.write(`${prefix}${text}\n`) };
}
