import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const LOAD_ADDRESS = 0x40_0000;
/** mov $exit_group, %eax; xor %edi, %edi; syscall */
const CODE = [0xb8, 0xe7, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];

/**
 * A layer with /nothing in it: the smallest static program that there is (elf(5)), which exits at once. What a dynamic linker
 * does for `true` is half of such a run, whoever starts it, and none of what is compared.
 */
export function nothingLayer(directory: string): string {
  const layer = join(directory, 'nothing');
  mkdirSync(layer);
  writeFileSync(join(layer, 'nothing'), nothing(), { mode: 0o755 });
  return layer;
}

function nothing(): Buffer {
  const start = HEADER_BYTES + PROGRAM_HEADER_BYTES;
  const size = start + CODE.length;
  const elf = Buffer.alloc(size);
  // 64 bits, little-endian, version 1; an executable for x86-64.
  elf.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(62, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(LOAD_ADDRESS + start), 24);
  elf.writeBigUInt64LE(BigInt(HEADER_BYTES), 32);
  elf.writeUInt16LE(HEADER_BYTES, 52);
  elf.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  elf.writeUInt16LE(1, 56);
  // One segment, the whole file, to be read and executed.
  elf.writeUInt32LE(1, HEADER_BYTES);
  elf.writeUInt32LE(5, HEADER_BYTES + 4);
  for (const at of [16, 24]) elf.writeBigUInt64LE(BigInt(LOAD_ADDRESS), HEADER_BYTES + at);
  for (const at of [32, 40]) elf.writeBigUInt64LE(BigInt(size), HEADER_BYTES + at);
  elf.writeBigUInt64LE(0x1000n, HEADER_BYTES + 48);
  elf.set(CODE, start);
  return elf;
}
