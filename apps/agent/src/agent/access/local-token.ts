import { lstatSync, readFileSync } from 'node:fs';
import { writeDurably } from '../../durable-file.ts';
import { setAside } from '../../stores/set-aside.ts';
import { newToken } from './token.ts';

/** The point is in no session, so the web process passes no local token on. Those from before have none; web.sock refuses both. */
const TOKEN = /^(?:local\.)?[A-Za-z0-9_-]{43}$/;

/** The token in this file, which root alone can read; a new one is made where there is none. What is in its place and is no token is set aside. */
export async function readOrMakeLocalToken(path: string): Promise<string> {
  const present = readText(path)?.trim();
  if (present !== undefined && TOKEN.test(present)) return present;
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) setAside(path);
  const token = `local.${newToken()}`;
  await writeDurably(path, `${token}\n`, 0o600);
  return token;
}

function readText(path: string): string | undefined {
  try {
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
