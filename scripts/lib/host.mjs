/**
 * Ends the process with one sentence where this host can't run Plimsoll at all.
 * @param {string} command what to run instead, as root
 */
export function requireLinuxRoot(command) {
  const problem = findProblem(command);
  if (problem === undefined) return;
  console.error(problem);
  process.exit(1);
}

/**
 * @param {string} command
 * @returns {string | undefined}
 */
function findProblem(command) {
  if (process.platform !== 'linux') {
    return `Plimsoll runs on Linux only, since containers are made of the Linux kernel; this is ${process.platform}.`;
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `Plimsoll runs on x86-64 and arm64; this is ${process.arch}.`;
  if (process.getuid?.() !== 0) {
    return `Plimsoll needs root, since only root may make namespaces, mounts and cgroups: run \`sudo ${command}\`.`;
  }
  return undefined;
}
