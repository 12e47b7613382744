import { lstatSync, readFileSync } from 'node:fs';
import { writeDurably } from '../../durable-file.ts';
import { setAside } from '../../stores/set-aside.ts';
import { newToken } from './token.ts';

/** The point is in no session, so the web process passes no local token on. Those from before have none; web.sock refuses both. */
const TOKEN = /^(?:local\.)?[A-Za-z0-9_-]{43}$/;
const OF_OTHERS = 0o077;

/** The token in this file; a new one is made where there is none. What is in its place is set aside where it is no token, or is not root's alone. */
export async function readOrMakeLocalToken(path: string): Promise<string> {
  const present = readText(path)?.trim();
  if (present !== undefined && TOKEN.test(present)) return present;
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) setAside(path);
  const token = `local.${newToken()}`;
  await writeDurably(path, `${token}\n`, 0o600);
  return token;
}

/** Undefined: it is not a file that root alone can read and write, by this name alone. */
function readText(path: string): string | undefined {
  try {
    const stats = lstatSync(path);
    const isRootsAlone = stats.isFile() && stats.uid === 0 && (stats.mode & OF_OTHERS) === 0 && stats.nlink === 1;
    return isRootsAlone ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
