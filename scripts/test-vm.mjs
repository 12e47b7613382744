// The integration and escape tests in a virtual machine with Debian's stock kernel and cgroup v2 alone. `npm run test:vm --
// FILE…` runs some of them; `npm run test:vm -- --shell 'command'` runs that command there. After `--selinux` the kernel has
// SELinux in the place of AppArmor, and the tests are those about that. Plain JavaScript for the Node that the system has.
import { summary } from './lib/counts.mjs';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { runCommand, runVmLane } from './lib/vm-lane.mjs';

const selinux = process.argv[2] === '--selinux';
const [first, ...rest] = process.argv.slice(selinux ? 3 : 2);
requireLinuxRoot('npm run test:vm');

if (first === '--shell') {
  /** @param {string} line */
  const note = (line) => console.error(line);
  const result = await runCommand(note, rest.join(' '), { selinux });
  if (!('status' in result)) note(result.problem ?? result.skipped);
  process.exitCode = result.status ?? 1;
} else {
  /** @param {string} line */
  const say = (line) => console.log(line);
  ensureInstalled(say);
  const counts = await runVmLane(say, first === undefined ? [] : [first, ...rest], { selinux });
  say(`\n${summary(counts)}`);
  process.exitCode = counts.failed === 0 ? 0 : 1;
}
