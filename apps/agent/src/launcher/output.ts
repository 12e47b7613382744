import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A sentence of the launcher's own. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Routine lines of the agent and the web process, which the combined log leaves out unless PLIMSOLL_VERBOSE is set. */
const ROUTINE = /^\S+ (?:info|debug) /;
/** C0 but tab, DEL and C1: a name that somebody chose must not steer the terminal. */
const CONTROL = /[^\P{Cc}\t]/gu;

/** Passes the lines of a process on, under its name. */
export function relay(name: string, stream: Readable, { routine }: { routine: boolean }): void {
  const verbose = Boolean(process.env['PLIMSOLL_VERBOSE']);
  createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
    if (!verbose && (routine || ROUTINE.test(line))) return;
    say(`${name.padEnd(5)} | ${line.replace(CONTROL, '\uFFFD')}`);
  });
}
