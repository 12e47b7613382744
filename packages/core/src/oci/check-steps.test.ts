import { expect, test } from 'vitest';
import { ENTRY } from '../program/layout.ts';
import { Program } from '../program/program.ts';
import { openMountPoint } from '../mounts/mount-point.ts';
import { checkSteps } from './check-steps.ts';
import { InvalidConfig } from './check.ts';
import type { OciConfig, OciMount } from './config.ts';

function config(command: string, path: string, destinations: readonly string[] = []): OciConfig {
  const mounts: OciMount[] = destinations.map((destination) => ({ destination, type: 'tmpfs', source: 'tmpfs', options: [] }));
  return { process: { args: [command], env: [`PATH=${path}`] }, mounts } as unknown as OciConfig;
}

const directories = (count: number) => Array.from({ length: count }, (_, i) => `/opt/${i}/bin`).join(':');

test('a command is looked for in 256 directories', () => {
  expect(() => checkSteps(config('tool', directories(256)))).not.toThrow();
  const act = () => checkSteps(config('tool', directories(257)));
  expect(act).toThrow(InvalidConfig);
  expect(act).toThrow('config.process.env: has a PATH of 257 directories');
});

test('a PATH of any length is taken where no command is looked for in it', () => {
  expect(() => checkSteps(config('/bin/tool', directories(10_000)))).not.toThrow();
  expect(() => checkSteps(config('t'.repeat(256), directories(10_000)))).not.toThrow();
});

test('128 destinations of a usual depth are taken', () => {
  const usual = Array.from({ length: 128 }, (_, i) => `/var/lib/${'directory/'.repeat(20)}${i}`);
  expect(() => checkSteps(config('/bin/tool', '', usual))).not.toThrow();
});

test.each([
  ['one that is very deep', [`/${'a/'.repeat(2000)}e`], 0],
  ['many that are deep', Array.from({ length: 128 }, (_, i) => `/${'a/'.repeat(100)}${i}`), 51],
])('destinations whose steps would fill the memory of all starts are refused: %s', (_, destinations, at) => {
  expect(() => checkSteps(config('/bin/tool', '', destinations))).toThrow(
    new RegExp(`^config\\.mounts\\.${at}\\.destination: has \\d+ parts and \\d+ characters, which is too deep`),
  );
});

test('what is taken keeps the steps of mount points small', () => {
  const destinations = Array.from({ length: 128 }, (_, i) => `/${'a/'.repeat(60)}${i}`);
  expect(() => checkSteps(config('/bin/tool', '', destinations))).not.toThrow();
  const program = new Program();
  for (const destination of destinations) openMountPoint(program, { destination }, 'directory');
  const texts = program.steps.flatMap((step) => step.arguments).filter((argument) => typeof argument === 'string');
  const bytes = program.steps.length * (ENTRY.size + 24) + texts.reduce((sum, text) => sum + text.length * 3 + 8, 0);
  expect(bytes).toBeLessThan(5 * 1024 * 1024);
});
