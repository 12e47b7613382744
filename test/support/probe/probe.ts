import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Why there is no probe; null: it can be made. */
export const WITHOUT_PROBE = spawnSync('cc', ['--version']).status === 0 ? null : 'there is no C compiler';

/** A layer with /probe in it (probe.c), which needs nothing else of an image; `directory`: where it is written, once. */
export function probeLayer(directory: string): string {
  const layer = join(directory, 'probe');
  if (existsSync(layer)) return layer;
  mkdirSync(layer);
  execFileSync('cc', ['-O1', '-Wall', '-static', '-o', join(layer, 'probe'), join(import.meta.dirname, 'probe.c')]);
  return layer;
}
