import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OciProcess } from '@plimsoll/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { noteOnSetUserId } from './set-user-id.ts';

let layer: string;
beforeAll(() => {
  layer = mkdtempSync(join(tmpdir(), 'plim-'));
  mkdirSync(join(layer, 'usr/bin'), { recursive: true });
  symlinkSync('usr/bin', join(layer, 'bin'));
  for (const [name, mode] of [
    ['sudo', 0o4755],
    ['wall', 0o2755],
    ['data', 0o4644],
    ['true', 0o755],
  ] as const) {
    writeFileSync(join(layer, 'usr/bin', name), '');
    chmodSync(join(layer, 'usr/bin', name), mode);
  }
});
afterAll(() => rmSync(layer, { recursive: true }));

function noteOn(command: string, more: Partial<OciProcess> = {}): string | null {
  const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
  const env = ['PATH=/nowhere:/bin'];
  const user = { uid: 1000, gid: 1000 };
  return noteOnSetUserId({ args: [command], env, cwd: '/', user, capabilities: none, noNewPrivileges: true, ...more }, [layer]);
}

test.each(['sudo', '/bin/sudo', '/usr/bin/sudo'])('%s is noted', (command) => {
  expect(noteOn(command)).toMatch(
    /^the set-user-ID bit of \/(?:usr\/)?bin\/sudo has no effect, since .* runs as user 1000\. Run /,
  );
});

test('a set-group-ID bit is noted', () => {
  expect(noteOn('wall')).toContain('the set-group-ID bit of /bin/wall');
});

test.each(['true', 'data', 'none', './sudo', ''])('%j is not', (command) => {
  expect(noteOn(command)).toBeNull();
});

test('nor is it of root, or where new privileges are allowed', () => {
  expect(noteOn('sudo', { user: { uid: 0, gid: 0 } })).toBeNull();
  expect(noteOn('sudo', { noNewPrivileges: false })).toBeNull();
});

test('a command or a PATH that is longer than the kernel takes is not looked for', () => {
  expect(noteOn(`${'/.'.repeat(60_000)}/bin/sudo`)).toBeNull();
  expect(noteOn(`${'/bin/..'.repeat(300)}/bin/sudo`)).toBeNull();
  const env = [`PATH=${Array.from({ length: 10_000 }, () => '/nowhere').join(':')}:/bin`];
  expect(noteOn('sudo', { env })).toBeNull();
});
