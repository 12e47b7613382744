// Tests in a virtual machine with Debian's stock kernel and cgroup v2 alone. `npm run test:vm -- FILE…` runs some of them; `npm run
// test:vm -- --shell 'command'` runs that command there. After `--selinux` the kernel has SELinux in the place of AppArmor, and the
// tests are those about that. Plain JavaScript for the Node that the system has.
import { PassThrough } from 'node:stream';
import { requireLinuxRoot } from './lib/host.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { interruptible } from './lib/interruption.mjs';
import { report } from './lib/lane-result.mjs';
import { runLanes } from './lib/run-lanes.mjs';
import { runCommand } from './lib/vm-lane.mjs';

const selinux = process.argv[2] === '--selinux';
const [first, ...rest] = process.argv.slice(selinux ? 3 : 2);
requireLinuxRoot('npm run test:vm');

if (first === '--shell') {
  const output = { line: (/** @type {string} */ line) => console.error(line) };
  const printed = new PassThrough();
  printed.pipe(process.stdout, { end: false });
  const result = await interruptible((signal) => runCommand({ output, signal }, rest.join(' '), { selinux }, printed));
  if (result.status === undefined) output.line('skipped' in result ? result.skipped : result.problem);
  process.exitCode = result.status ?? 1;
} else {
  ensureInstalled((line) => console.log(line));
  const files = first === undefined ? [] : [first, ...rest];
  const results = await interruptible((signal) =>
    runLanes(new Map([[selinux ? 'selinux' : 'vm', files]]), { signal, full: false }),
  );
  for (const line of report(results)) console.log(line);
  process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;
}
