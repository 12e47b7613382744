import { existsSync, lstatSync, realpathSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { PlimsollError } from '@plimsoll/protocol';

/** Where a shell finds what the host's administrator has installed (Filesystem Hierarchy Standard, 4.9). */
export const LINK = '/usr/local/bin/plimsoll';
/** From here and from the bundle, which lies in `dist`. */
export const PROGRAM = join(import.meta.dirname, '../bin/plimsoll');

/** What is at the link's place: this clone's program, nothing, or anything else, such as another clone's. */
type Found = 'own' | 'nothing' | 'other';

/** What a person types to reach this clone's command line: `plimsoll`, or `npx plimsoll` in its folder. */
export function typedName(link = LINK): 'plimsoll' | 'npx plimsoll' {
  return look(link) === 'own' ? 'plimsoll' : 'npx plimsoll';
}

/** Makes the link unless a file of another origin is there. Returns a sentence for the user; null: nothing has changed. */
export function makeLink(link = LINK): string | null {
  const found = look(link);
  if (found === 'own') return null;
  if (found === 'other') {
    return `${link} is not this clone's and stays as it is: type \`npx plimsoll\` here, or remove it and start again.`;
  }
  try {
    symlinkSync(PROGRAM, link);
    return `Made ${link}: \`plimsoll\` works in every folder. \`plimsoll unlink\` removes it.`;
  } catch (error) {
    return `${link} cannot be made (${(error as Error).message}): type \`npx plimsoll\` here.`;
  }
}

/** Removes the link. Throws `not-found` where there is none, `conflict` where it is another's, `forbidden` without the right to. */
export function removeLink(link = LINK): void {
  const found = look(link);
  if (found === 'nothing') throw new PlimsollError('not-found', `there is no ${link}`, { hint: '' });
  if (found === 'other') {
    throw new PlimsollError('conflict', `${link} is not this clone's, and stays`, { hint: 'Remove it by hand.' });
  }
  try {
    unlinkSync(link);
  } catch (cause) {
    throw new PlimsollError('forbidden', `${link} cannot be removed: ${(cause as Error).message}`, { hint: '', cause });
  }
}

function look(link: string): Found {
  const stat = lstatSync(link, { throwIfNoEntry: false });
  if (stat === undefined) return 'nothing';
  if (!stat.isSymbolicLink()) return 'other';
  return existsSync(link) && realpathSync(link) === realpathSync(PROGRAM) ? 'own' : 'other';
}
