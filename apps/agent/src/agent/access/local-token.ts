import { readFile } from 'node:fs/promises';
import { writeDurably } from '../../durable-file.ts';
import { newToken } from './token.ts';

const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** The token in this file, which root alone can read; made anew where there is none. */
export async function readOrMakeLocalToken(path: string): Promise<string> {
  const present = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (TOKEN.test(present.trim())) return present.trim();
  const token = newToken();
  await writeDurably(path, `${token}\n`, 0o600);
  return token;
}
