import { readFileSync, writeFileSync } from 'node:fs';
import type { LinuxResources } from '../oci/config.ts';
import type { Cgroup } from './cgroup.ts';
import { limitSettings } from './create.ts';
import type { Setting } from './setting.ts';

/** A file that was written, and what it reads now; of a file with a line a device, that line alone. */
export interface LimitAnswer {
  file: string;
  reads: string;
}

/** The kernel refused a limit, or took another one than was asked for. Nothing was changed. */
export class LimitRefused extends Error {
  override readonly name = 'LimitRefused';
}

/**
 * Changes the limits of a cgroup that there is, and reads each back before it is called done. Where one is refused those
 * before it are put back. Throws LimitRefused, LimitInUse, MissingController.
 */
export function updateCgroup(cgroup: Cgroup, resources: LinuxResources): LimitAnswer[] {
  const settings = limitSettings(cgroup, resources, 'living');
  const undo: { file: string; value: string }[] = [];
  try {
    for (const setting of settings) {
      const before = readSetting(setting);
      write(setting);
      undo.push({ file: setting.file, value: before === '' ? (setting.unlimited ?? '\n') : before });
    }
    const last = new Map(settings.map((setting) => [`${setting.file} ${setting.device ?? ''}`, setting]));
    return [...last.values()].map(confirm);
  } catch (error) {
    // What was accepted before is accepted again; a v1 list that was widened is narrowed.
    for (const { file, value } of undo.toReversed()) tryWrite(file, value);
    throw error;
  }
}

/** What the kernel says of one setting now. Empty: a device has no line, or the file none. */
function readSetting({ file, device }: Setting): string {
  const text = readFileSync(file, 'latin1').trim();
  return device === undefined ? text : (text.split('\n').find((line) => line.startsWith(`${device} `)) ?? '');
}

function write({ file, value, purpose, refused }: Setting): void {
  try {
    writeFileSync(file, value);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const why = (refused as Record<string, string> | undefined)?.[code];
    throw new LimitRefused(
      `cannot ${purpose}: the kernel refuses "${value.trim()}" (${code})${why === undefined ? '' : `: ${why}`}`,
      { cause },
    );
  }
}

function confirm(setting: Setting): LimitAnswer {
  const reads = readSetting(setting);
  const agrees = setting.agrees ?? ((text: string) => text === setting.value);
  if (!agrees(reads)) {
    throw new LimitRefused(`cannot ${setting.purpose}: asked for "${setting.value}", and the kernel has made it "${reads}"`);
  }
  return { file: setting.file, reads };
}

function tryWrite(file: string, value: string): void {
  try {
    writeFileSync(file, value);
  } catch {
    // The first refusal is what is told.
  }
}
