import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { listLeftover } from './leftovers.ts';

const PARSER = '/usr/sbin/apparmor_parser';
/** Paths are those of a container's own root: its overlay hangs in no mount namespace of the host's. */
const FLAGS = 'flags=(attach_disconnected,mediate_deleted)';

/** Whether a profile can be loaded; where AppArmor is not active, it fails. */
export const hasParser = (): boolean => existsSync(PARSER);

/** A profile of this kernel's, until it is disposed of. `rules`: AppArmor's own, one a line (apparmor.d(5)). */
export class LoadedProfile implements Disposable {
  readonly #text: string;

  constructor(name: string, rules: readonly string[]) {
    this.#text = [`profile ${name} ${FLAGS} {`, ...rules.map((rule) => `  ${rule},`), '}', ''].join('\n');
    listLeftover('apparmor', name);
    parse('--replace', this.#text);
  }

  [Symbol.dispose](): void {
    parse('--remove', this.#text);
  }
}

function parse(verb: string, text: string): void {
  const { status, stderr } = spawnSync(PARSER, ['--quiet', '--skip-cache', verb], { input: text, encoding: 'utf8' });
  if (status !== 0) throw new Error(`apparmor_parser ${verb}: ${stderr}`);
}
