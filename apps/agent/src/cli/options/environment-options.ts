import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { parsePair } from './quantities.ts';
import { OptionError } from '../verb.ts';

type Environment = Context['environment'];

/** A container's environment, as docker has it: -e overrides a file. Files are read here, by the user who typed the command. */
export function parseEnvironment(
  { env, 'env-file': files }: { env: readonly string[]; 'env-file': readonly string[] },
  environment: Environment,
): Record<string, string> {
  const pairs = [
    ...files.flatMap((path) => parseFile(readFile(path), path, environment)),
    ...env.flatMap((text) => parseVariable(text, environment)),
  ];
  return Object.fromEntries(pairs);
}

/** `-e NAME` passes a variable on from here, and nothing where it is not set. */
function parseVariable(text: string, environment: Environment): [string, string][] {
  if (text.includes('=')) return [parsePair(text, '--env')];
  if (text === '') throw new OptionError('--env', text, 'write it as NAME=value');
  return passedOn(text, environment);
}

function passedOn(name: string, environment: Environment): [string, string][] {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  return value === undefined ? [] : [[name, value]];
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new OptionError('--env-file', path, `it cannot be read: ${(error as Error).message}`);
  }
}

/** A variable a line, `NAME=value` or NAME to pass it on; what follows the `=` is the value as it stands, quotes too. # begins a comment. */
export function parseFile(text: string, path: string, environment: Environment): [string, string][] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  return lines.flatMap((line, i) => {
    const variable = line.trimStart();
    if (variable === '' || variable.startsWith('#')) return [];
    const at = variable.indexOf('=');
    const name = at < 0 ? variable : variable.slice(0, at);
    if (name === '' || /\s/.test(name)) {
      throw new OptionError('--env-file', path, `line ${i + 1} is neither NAME=value, NAME nor a # comment`);
    }
    return at < 0 ? passedOn(name, environment) : [[name, variable.slice(at + 1)]];
  });
}
