import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { skippedLane, wholeLane } from './lane-result.mjs';
import { node24, REPOSITORY } from './paths.mjs';
import { makeDirectory } from './temporary-directory.mjs';
import { runCommand } from './vm-lane.mjs';

/** Of what the machine tells before the reset: `ended ID NS`, `read ID NS`. */
const FACT = /^(?:ended|read) [0-9a-f]+ \d+$/gm;
const LEAST_ENDED = 3;
/**
 * A shell's status above it: a signal killed the program that checks. That happened once (SIGSEGV) and its cause is not known; the program
 * plays no syscall program of Plimsoll's. It checks a second time: what held after the reset still holds one boot later.
 */
const KILLED_FROM = 128;

/**
 * A hard reset under load: a machine that runs containers is switched off in the middle, without a sync, and booted again with
 * the same disk. What it had told before the reset must hold after it (test/reset).
 * @param {import('./lanes.mjs').Run} run
 * @returns {Promise<import('./lane-result.mjs').LaneResult>}
 */
export async function runResetLane(run) {
  const say = run.output.line;
  const directory = makeDirectory('disk');
  const disk = join(directory, 'disk');
  /** @param {string} name */
  const script = (name) => `'${node24()}' '${join(REPOSITORY, 'test/reset', name)}'`;
  try {
    const output = new PassThrough();
    const printed = new PassThrough();
    createInterface({ input: printed }).on('line', say);
    let told = '';
    output.on('data', (chunk) => (told += chunk));
    const before = await runCommand(run, script('load.ts'), { disk }, output);
    if ('skipped' in before) {
      say(`Skipped: ${before.skipped}.`);
      return skippedLane();
    }
    run.signal.throwIfAborted();
    if (!before.wentOff) return wholeLane(`there was no reset: ${before.problem ?? told}`);
    const facts = told.replaceAll('\r', '').match(FACT) ?? [];
    const ended = facts.filter((fact) => fact.startsWith('ended')).length;
    say(`Reset after ${ended} ends and ${facts.length - ended} readings were told of`);
    if (ended < LEAST_ENDED) return wholeLane(`too little had happened before the reset: ${told}`);
    const check = () => runCommand(run, script('check.ts'), { disk, files: { facts: facts.join('\n') } }, printed);
    let after = await check();
    if (after.status !== undefined && after.status > KILLED_FROM) {
      say('Again, since the program that checks was killed: what the kernel says of it is above');
      after = await check();
    }
    if (after.status === 0) return wholeLane(null);
    return wholeLane(`what was told before the reset does not hold after it: ${after.problem ?? 'see above'}`);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
