/** Tar entries byte by byte: what a well-meaning tar writer would refuse to write. */
interface EntryFields {
  name: string | Uint8Array;
  type?: keyof typeof TYPEFLAGS;
  /** In place of `type`. */
  typeflag?: string;
  linkname?: string;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  devmajor?: number;
  content?: string;
  /** In place of the content's length. */
  sizeField?: Uint8Array;
}

const BLOCK_BYTES = 512;
const TYPEFLAGS = {
  file: '0',
  link: '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

/** The two zero blocks that end an archive. */
export const END = Buffer.alloc(2 * BLOCK_BYTES);

/** One ustar entry with its content; offsets as in tar(5). */
export function entry(fields: EntryFields): Buffer {
  const content = Buffer.from(fields.content ?? '');
  const header = Buffer.alloc(BLOCK_BYTES);
  const octal = (value: number, offset: number, width: number) =>
    header.write(`${value.toString(8).padStart(width - 1, '0')}\0`, offset, 'latin1');
  header.set(Buffer.from(fields.name).subarray(0, 100), 0);
  octal(fields.mode ?? 0o644, 100, 8);
  octal(fields.uid ?? 0, 108, 8);
  octal(fields.gid ?? 0, 116, 8);
  octal(content.length, 124, 12);
  if (fields.sizeField) header.set(fields.sizeField, 124);
  octal(fields.mtime ?? 0, 136, 12);
  header.write(fields.typeflag ?? TYPEFLAGS[fields.type ?? 'file'], 156, 'latin1');
  header.write(fields.linkname ?? '', 157, 100, 'utf8');
  header.write('ustar\x0000', 257, 'latin1');
  octal(fields.devmajor ?? 0, 329, 8);
  // The checksum counts its own field as spaces.
  header.fill(' ', 148, 156);
  octal(
    header.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  return Buffer.concat([header, content, Buffer.alloc(-content.length & (BLOCK_BYTES - 1))]);
}

/** A pax extended header for the entry that follows: `<length> <key>=<value>\n`, the length counting itself. */
export function pax(records: Record<string, string>): Buffer {
  const content = Object.entries(records)
    .map(([key, value]) => {
      const rest = Buffer.byteLength(` ${key}=${value}\n`);
      const digits = String(rest + String(rest).length).length;
      return `${rest + digits} ${key}=${value}\n`;
    })
    .join('');
  return entry({ name: 'PaxHeaders/0', typeflag: 'x', content });
}
