import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Why there is no probe; null: it can be made. */
export const WITHOUT_PROBE = spawnSync('cc', ['--version']).status === 0 ? null : 'there is no C compiler';

/** Writes a layer with /probe in it (probe.c), which needs nothing else of an image. */
export function probeLayer(directory: string): string {
  const layer = join(directory, 'probe');
  mkdirSync(layer);
  execFileSync('cc', ['-O1', '-Wall', '-static', '-o', join(layer, 'probe'), join(import.meta.dirname, 'probe.c')]);
  return layer;
}
