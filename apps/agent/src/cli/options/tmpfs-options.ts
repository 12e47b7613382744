import { MIN_TMPFS_BYTES, type CreateContainerInput } from '@plimsoll/protocol';
import { readSize } from '@plimsoll/protocol/quantities';
import { OptionError, type UsageError } from '../verb.ts';

export type TmpfsInput = NonNullable<CreateContainerInput['tmpfs']>[number];

/** Docker's words that change nothing here: what every tmpfs is mounted with. */
const ALWAYS: readonly string[] = ['rw', 'nosuid', 'nodev'];
const TAKEN = 'size=…, mode=…, uid=…, gid=…, nr_inodes=…, exec, noexec, suid, nosuid, rw, nodev';

/** `/run`, `/run:size=64m,mode=755,uid=1000,exec`. */
export function parseTmpfs(text: string): TmpfsInput {
  const [destination = '', options, more] = text.split(':');
  const wrong = (why: string) => new OptionError('--tmpfs', text, why);
  if (more !== undefined) throw wrong('write it as /run, or as /run:size=64m,mode=755');
  const tmpfs: TmpfsInput = { destination };
  for (const option of options?.split(',') ?? []) {
    const at = option.indexOf('=');
    // The last one counts.
    if (option === 'noexec') delete tmpfs.exec;
    else if (at < 0) Object.assign(tmpfs, ofWord(option, wrong));
    else Object.assign(tmpfs, ofPair(option.slice(0, at), option.slice(at + 1), wrong));
  }
  return tmpfs;
}

function ofWord(word: string, wrong: (why: string) => UsageError): Partial<TmpfsInput> {
  if (word === 'exec') return { exec: true };
  if (word === 'suid') return { suid: true };
  if (word === 'dev') throw wrong('no device can be opened in a tmpfs; give a device of the host as --device');
  if (word === 'ro') throw wrong('an empty directory that is read-only is of no use; leave ro out');
  if (!ALWAYS.includes(word)) throw wrong(`"${word}" is none of ${TAKEN}`);
  return {};
}

function ofPair(key: string, value: string, wrong: (why: string) => UsageError): Partial<TmpfsInput> {
  switch (key) {
    case 'size':
      return tmpfsSize(value, (why) => wrong(`size: ${why}`));
    case 'mode':
      return { mode: tmpfsMode(value, (why) => wrong(`mode: ${why}`)) };
    case 'uid':
    case 'gid':
      return { [key]: wholeNumber(value, (why) => wrong(`${key}: ${why}`)) };
    case 'nr_inodes':
      return { inodes: wholeNumber(value, (why) => wrong(`nr_inodes: ${why}`)) };
    default:
      throw wrong(`"${key}=${value}" is none of ${TAKEN}`);
  }
}

/** `64m`, or of the host's memory, `50%`. */
export function tmpfsSize(text: string, wrong: (why: string) => UsageError): Pick<TmpfsInput, 'sizeBytes' | 'sizePercent'> {
  const percent = /^(\d{1,3})%$/.exec(text)?.[1];
  if (percent !== undefined) {
    if (Number(percent) < 1 || Number(percent) > 100) throw wrong('it is 1% to 100% of the memory of the host');
    return { sizePercent: Number(percent) };
  }
  const size = readSize(text, MIN_TMPFS_BYTES);
  if (typeof size === 'object') throw wrong(size.wrong);
  return { sizeBytes: size };
}

export function tmpfsMode(text: string, wrong: (why: string) => UsageError): number {
  if (!/^[0-7]{1,5}$/.test(text)) throw wrong('give it in octal, such as 755');
  return Number.parseInt(text, 8);
}

function wholeNumber(text: string, wrong: (why: string) => UsageError): number {
  if (!/^\d{1,10}$/.test(text)) throw wrong('give a whole number');
  return Number(text);
}
