import { cpSync, existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SharedLibraries } from '../../apps/agent/src/images/shared-libraries.ts';

const PROGRAM = '/usr/bin/stress-ng';

/** Null: it is there. */
export const whyNoStress = existsSync(PROGRAM) ? null : `${PROGRAM} is not installed (Debian: apt install stress-ng)`;

/** Puts the host's stress-ng and its libraries into `directory`: a layer to be laid over the base image. */
export function writeStressLayer(directory: string): void {
  writeProgramLayer(directory, PROGRAM);
}

/** The same of any program. */
export function writeProgramLayer(directory: string, path: string): void {
  const program = realpathSync(path);
  for (const { source, path } of [...new SharedLibraries().of(program), { source: program, path: program }]) {
    const target = join(directory, path);
    mkdirSync(dirname(target), { recursive: true });
    cpSync(source, target);
  }
}
