import { readFileSync, realpathSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readElf } from './elf.ts';

const RPATH = 15n;
const RUNPATH = 29n;
const NEEDED = 1n;
const STRTAB = 5n;

/** A program of one loaded segment at address 0x1000: strings at 512, dynamic section at 256. */
function program(dynamic: [tag: bigint, value: bigint][], strings = '\0liba.so\0$ORIGIN/../lib:/opt/lib\0'): Buffer {
  const file = Buffer.alloc(1024);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeUInt16LE(62, 18);
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(3, 56);
  const segments: [type: number, offset: number, address: number, size: number][] = [
    [1, 0, 0x1000, 1024],
    [2, 256, 0x1100, dynamic.length * 16],
    [3, 900, 0x1384, 16],
  ];
  segments.forEach(([type, offset, address, size], i) => {
    file.writeUInt32LE(type, 64 + i * 56);
    file.writeBigUInt64LE(BigInt(offset), 64 + i * 56 + 8);
    file.writeBigUInt64LE(BigInt(address), 64 + i * 56 + 16);
    file.writeBigUInt64LE(BigInt(size), 64 + i * 56 + 32);
  });
  dynamic.forEach(([tag, value], i) => {
    file.writeBigInt64LE(tag, 256 + i * 16);
    file.writeBigUInt64LE(value, 256 + i * 16 + 8);
  });
  file.write(strings, 512, 'latin1');
  file.write('/lib/ld.so\0', 900, 'latin1');
  return file;
}

describe('readElf', () => {
  it('reads what a program names', () => {
    const file = program([
      [NEEDED, 1n],
      [RUNPATH, 9n],
      [STRTAB, 0x1200n],
      [0n, 0n],
      [NEEDED, 1n],
    ]);
    expect(readElf(file)).toEqual({
      machine: 62,
      interpreter: '/lib/ld.so',
      needed: ['liba.so'],
      rpath: [],
      runpath: ['$ORIGIN/../lib', '/opt/lib'],
    });
  });

  it('tells DT_RPATH from DT_RUNPATH', () => {
    const file = program([
      [STRTAB, 0x1200n],
      [RPATH, 9n],
    ]);
    expect(readElf(file)).toMatchObject({ rpath: ['$ORIGIN/../lib', '/opt/lib'], runpath: [] });
  });

  it('reads the host’s own shell', () => {
    const elf = readElf(readFileSync(realpathSync('/bin/sh')));
    expect(elf?.interpreter).toMatch(/^\/lib/);
    expect(elf?.needed).toEqual(expect.arrayContaining([expect.stringMatching(/^libc\./)]));
  });

  it.each([
    ['a script', Buffer.from(`#!/bin/sh\n${'#'.repeat(100)}`)],
    ['a short file', Buffer.from('\x7fELF')],
    ['a 32-bit program', Buffer.concat([Buffer.from('\x7fELF\x01\x01', 'latin1'), Buffer.alloc(100)])],
    ['a big-endian program', Buffer.concat([Buffer.from('\x7fELF\x02\x02', 'latin1'), Buffer.alloc(100)])],
  ])('takes %s for something else', (_name, file) => {
    expect(readElf(file)).toBeUndefined();
  });

  const patched = (patch: (file: Buffer) => void) => {
    const file = program([
      [STRTAB, 0x1200n],
      [NEEDED, 1n],
    ]);
    patch(file);
    return file;
  };

  it.each([
    ['program headers past the end', patched((file) => file.writeBigUInt64LE(1020n, 32))],
    ['program headers past 2^53', patched((file) => file.writeBigUInt64LE(2n ** 63n, 32))],
    ['program headers that are too short', patched((file) => file.writeUInt16LE(8, 54))],
    ['a segment past the end', patched((file) => file.writeBigUInt64LE(2000n, 64 + 56 + 8))],
    ['a string table in no segment', program([[STRTAB, 0x9000n]])],
    [
      'a name outside of the string table',
      program([
        [STRTAB, 0x1200n],
        [NEEDED, 5000n],
      ]),
    ],
    [
      'a name without an end',
      program(
        [
          [STRTAB, 0x1200n],
          [NEEDED, 0n],
        ],
        'x',
      ).fill('x', 512),
    ],
  ])('throws for %s', (_name, file) => {
    expect(() => readElf(file)).toThrow(RangeError);
  });

  it('throws nothing but a RangeError for a damaged program', () => {
    const original = readFileSync(realpathSync('/bin/sh')).subarray(0, 4096);
    for (let at = 16; at < 900; at += 1) {
      const file = Buffer.from(original);
      file[at] = 0xff;
      try {
        readElf(file);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});
