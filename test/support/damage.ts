import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

const FLIPPED_BYTES = 24;

/** Puts another file in the place of this one, which may be a link to one that other worlds have. */
function replace(path: string, content: Uint8Array): void {
  rmSync(path);
  writeFileSync(path, content, { mode: 0o600 });
}

/** What can become of a file, by name. `random`: from 0 to 1. */
export const DAMAGES = {
  missing: (path) => rmSync(path),
  empty: (path) => replace(path, Buffer.alloc(0)),
  'cut off': (path, random) => {
    const bytes = readFileSync(path);
    replace(path, bytes.subarray(0, Math.floor(random() * bytes.length)));
  },
  flipped: (path, random) => {
    const bytes = readFileSync(path);
    for (let i = 0; i < FLIPPED_BYTES; i++) {
      const at = Math.floor(random() * bytes.length);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 + Math.floor(random() * 255)), at);
    }
    replace(path, bytes);
  },
  'in one place': (path, random) => {
    const bytes = readFileSync(path);
    const at = Math.floor(random() * bytes.length);
    for (let i = at; i < Math.min(bytes.length, at + FLIPPED_BYTES); i++) bytes.writeUInt8(Math.floor(random() * 256), i);
    replace(path, bytes);
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
