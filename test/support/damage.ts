import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';

const FLIPPED_BYTES = 24;

/** What can become of a file, by name. `random`: from 0 to 1. */
export const DAMAGES = {
  missing: (path) => rmSync(path),
  empty: (path) => truncateSync(path, 0),
  'cut off': (path, random) => truncateSync(path, Math.floor(random() * statSync(path).size)),
  flipped: (path, random) => {
    const bytes = readFileSync(path);
    for (let i = 0; i < FLIPPED_BYTES; i++) {
      const at = Math.floor(random() * bytes.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 + Math.floor(random() * 255)), at);
    }
    writeFileSync(path, bytes);
  },
  'in one place': (path, random) => {
    const bytes = readFileSync(path);
    const at = Math.floor(random() * bytes.length);
    for (let i = at; i < Math.min(bytes.length, at + FLIPPED_BYTES); i++) bytes.writeUInt8(Math.floor(random() * 256), i);
    writeFileSync(path, bytes);
  },
  'a directory': (path) => {
    rmSync(path);
    mkdirSync(path);
  },
  // Root may read any file; not even root follows a link that leads to itself.
  unreadable: (path) => {
    rmSync(path);
    symlinkSync(path, path);
  },
} as const satisfies Record<string, (path: string, random: () => number) => void>;

export type Damage = keyof typeof DAMAGES;
