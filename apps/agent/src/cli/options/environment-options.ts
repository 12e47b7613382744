import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { isUnaltered } from '../own-bytes.ts';
import { parsePair } from './quantities.ts';
import { OptionError } from '../verb.ts';

type Host = Pick<Context, 'environment' | 'ownBytes'>;

/** A container's environment, as docker has it: -e overrides a file. Files are read here, by the user who typed the command. */
export function parseEnvironment(
  { env, 'env-file': files }: { env: readonly string[]; 'env-file': readonly string[] },
  host: Host,
): Record<string, string> {
  const pairs = [
    ...files.flatMap((path) => parseFile(readFile(path), path, host)),
    ...env.flatMap((text) => parseVariable(text, host)),
  ];
  return Object.fromEntries(pairs);
}

/** `-e NAME` passes a variable on from here, and nothing where it is not set. */
function parseVariable(text: string, host: Host): [string, string][] {
  if (text.includes('=')) return [parsePair(text, '--env')];
  if (text === '') throw new OptionError('--env', text, 'write it as NAME=value');
  return passedOn('--env', text, host);
}

function passedOn(option: string, name: string, { environment, ownBytes }: Host): [string, string][] {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value === undefined) return [];
  if (!isUnaltered(name, value, ownBytes)) throw new OptionError(option, name, 'its value here is not UTF-8');
  return [[name, value]];
}

function readFile(path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new OptionError('--env-file', path, `it cannot be read: ${(error as Error).message}`);
  }
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new OptionError('--env-file', path, `line ${firstLineThatIsNotUtf8(bytes)} is not UTF-8`);
}

/** From 1. No byte of a character in UTF-8 is a newline but the newline itself. */
function firstLineThatIsNotUtf8(bytes: Buffer): number {
  let [line, start] = [1, 0];
  for (let end = bytes.indexOf('\n'); end >= 0 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf('\n', start)) {
    line += 1;
    start = end + 1;
  }
  return line;
}

/** A variable a line, `NAME=value` or NAME to pass it on; what follows the `=` is the value as it stands, quotes too. # begins a comment. */
export function parseFile(text: string, path: string, host: Host): [string, string][] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.flatMap((line, i) => {
    const variable = line.trimStart();
    if (variable === '' || variable.startsWith('#')) return [];
    const at = variable.indexOf('=');
    const name = at < 0 ? variable : variable.slice(0, at);
    if (name === '' || /\s/.test(name)) {
      throw new OptionError('--env-file', path, `line ${i + 1} is neither NAME=value, NAME nor a # comment`);
    }
    return at < 0 ? passedOn('--env-file', name, host) : [[name, variable.slice(at + 1)]];
  });
}
