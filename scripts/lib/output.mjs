/**
 * Where a lane prints. Lanes that run side by side are told apart by their names at the beginning of each line.
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
