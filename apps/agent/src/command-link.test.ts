import { mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeLink, PROGRAM, removeLink, typedName } from './command-link.ts';

let directory: string;
let link: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'plimsoll-link-'));
  link = join(directory, 'plimsoll');
});
afterEach(() => rmSync(directory, { recursive: true }));

test('a link is made once, names the command, and is removed', () => {
  expect(typedName(link)).toBe('npx plimsoll');
  expect(makeLink(link)).toContain(`Made ${link}`);
  expect(readlinkSync(link)).toBe(PROGRAM);
  expect(typedName(link)).toBe('plimsoll');
  expect(makeLink(link)).toBeNull();
  removeLink(link);
  expect(typedName(link)).toBe('npx plimsoll');
  expect(() => removeLink(link)).toThrow(expect.objectContaining({ code: 'not-found' }) as Error);
});

describe('something of another origin', () => {
  test.each([
    ['a file', () => writeFileSync(link, '#!/bin/sh\n')],
    ['a link to another program', () => symlinkSync('/bin/true', link)],
    ['a dangling link', () => symlinkSync('/gone/apps/agent/bin/plimsoll', link)],
  ])('%s stays', (_, make) => {
    make();
    expect(makeLink(link)).toContain('stays');
    expect(typedName(link)).toBe('npx plimsoll');
    expect(() => removeLink(link)).toThrow(expect.objectContaining({ code: 'conflict' }) as Error);
  });
});

test('where it cannot be made, that is said', () => {
  expect(makeLink(join(directory, 'missing/plimsoll'))).toContain('cannot be made');
});
