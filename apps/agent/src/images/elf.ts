/** What the dynamic linker reads of an ELF file before it runs it. */
export interface ElfDependencies {
  /** e_machine: 62 is x86-64, 183 is AArch64. Objects of two machines never link. */
  machine: number;
  /** PT_INTERP: the dynamic linker's own path. Absent in libraries and static programs. */
  interpreter: string | undefined;
  /** DT_NEEDED, in order. */
  needed: string[];
  /** DT_RPATH and DT_RUNPATH, split at ':', `$ORIGIN` not yet replaced. */
  rpath: string[];
  runpath: string[];
}

// elf(5); the layouts are those of Elf64_Ehdr, Elf64_Phdr and Elf64_Dyn.
const MAGIC = 0x464c457f;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const EHDR_BYTES = 64;
const PHDR_BYTES = 56;
const DYN_BYTES = 16;
const PT = { load: 1, dynamic: 2, interp: 3 };
const DT = { null: 0n, needed: 1n, strtab: 5n, rpath: 15n, runpath: 29n };

interface Segment {
  type: number;
  offset: number;
  address: bigint;
  size: number;
}

/**
 * The dependencies that a 64-bit little-endian ELF file names; undefined for any other file. Throws a RangeError where
 * the file's own offsets lead out of it.
 */
export function readElf(file: Buffer): ElfDependencies | undefined {
  if (file.length < EHDR_BYTES || file.readUInt32LE(0) !== MAGIC) return undefined;
  if (file[4] !== ELFCLASS64 || file[5] !== ELFDATA2LSB) return undefined;
  const segments = readSegments(file);
  const interp = segments.find((segment) => segment.type === PT.interp);
  return {
    machine: file.readUInt16LE(18),
    interpreter: interp && cString(slice(file, interp.offset, interp.size), 0),
    ...readDynamic(file, segments),
  };
}

function readSegments(file: Buffer): Segment[] {
  const tableOffset = toNumber(file.readBigUInt64LE(32));
  const entryBytes = file.readUInt16LE(54);
  const count = file.readUInt16LE(56);
  if (count > 0 && entryBytes < PHDR_BYTES) throw new RangeError('elf: program headers are too short');
  return Array.from({ length: count }, (_, i) => {
    const header = slice(file, tableOffset + i * entryBytes, PHDR_BYTES);
    return {
      type: header.readUInt32LE(0),
      offset: toNumber(header.readBigUInt64LE(8)),
      address: header.readBigUInt64LE(16),
      size: toNumber(header.readBigUInt64LE(32)),
    };
  });
}

function readDynamic(file: Buffer, segments: Segment[]): Pick<ElfDependencies, 'needed' | 'rpath' | 'runpath'> {
  const found = { needed: [] as string[], rpath: [] as string[], runpath: [] as string[] };
  const dynamic = segments.find((segment) => segment.type === PT.dynamic);
  if (!dynamic) return found;
  const table = slice(file, dynamic.offset, dynamic.size);
  const entries: { tag: bigint; value: bigint }[] = [];
  for (let at = 0; at + DYN_BYTES <= table.length; at += DYN_BYTES) {
    const tag = table.readBigInt64LE(at);
    if (tag === DT.null) break;
    entries.push({ tag, value: table.readBigUInt64LE(at + 8) });
  }
  const strtab = entries.find((entry) => entry.tag === DT.strtab);
  if (!strtab) return found;
  const strings = stringTable(file, segments, strtab.value);
  for (const { tag, value } of entries) {
    if (tag === DT.needed) found.needed.push(cString(strings, toNumber(value)));
    if (tag === DT.rpath) found.rpath.push(...cString(strings, toNumber(value)).split(':'));
    if (tag === DT.runpath) found.runpath.push(...cString(strings, toNumber(value)).split(':'));
  }
  return found;
}

/** From the string table's start to the end of its segment: DT_STRTAB is an address in memory, not an offset in the file. */
function stringTable(file: Buffer, segments: Segment[], address: bigint): Buffer {
  const segment = segments.find(
    (one) => one.type === PT.load && address >= one.address && address < one.address + BigInt(one.size),
  );
  if (!segment) throw new RangeError('elf: the string table lies in no segment');
  const skipped = toNumber(address - segment.address);
  return slice(file, segment.offset + skipped, segment.size - skipped);
}

function cString(bytes: Buffer, start: number): string {
  const end = start < bytes.length ? bytes.indexOf(0, start) : -1;
  if (end < 0) throw new RangeError('elf: a string without an end');
  return bytes.toString('utf8', start, end);
}

/** Buffer.subarray clamps; an offset out of the file must be an error. */
function slice(file: Buffer, offset: number, length: number): Buffer {
  if (offset + length > file.length) throw new RangeError('elf: an offset leads out of the file');
  return file.subarray(offset, offset + length);
}

function toNumber(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('elf: an offset leads out of the file');
  return Number(value);
}
