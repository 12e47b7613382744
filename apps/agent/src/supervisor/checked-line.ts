import { crc32 } from 'node:zlib';

/**
 * One line of text with a checksum: CRC-32 in 8 hex digits, a mark, JSON. Any flipped bit, and any piece that is missing, shows.
 * The mark is a number of the writer's own.
 */
export function checkedLine(json: string, mark = 0): Buffer {
  const content = `${mark} ${json}\n`;
  return Buffer.from(`${crc32(content).toString(16).padStart(8, '0')} ${content}`);
}

const LINE = /^([0-9a-f]{8}) ((\d{1,15}) (.*))$/s;

/** Of a line without its line feed. Null: it is not as it was written. */
export function readCheckedLine(line: string): { json: string; mark: number } | null {
  const [, checksum = '', content = '', mark = '', json = ''] = LINE.exec(line) ?? [];
  if (checksum === '' || crc32(`${content}\n`) !== Number.parseInt(checksum, 16)) return null;
  return { json, mark: Number(mark) };
}
