import type { AttributeName } from './attributes.ts';

const ATTRIBUTES: Record<string, AttributeName> = {
  ro: 'MOUNT_ATTR_RDONLY',
  nosuid: 'MOUNT_ATTR_NOSUID',
  nodev: 'MOUNT_ATTR_NODEV',
  noexec: 'MOUNT_ATTR_NOEXEC',
  noatime: 'MOUNT_ATTR_NOATIME',
  strictatime: 'MOUNT_ATTR_STRICTATIME',
  nodiratime: 'MOUNT_ATTR_NODIRATIME',
  nosymfollow: 'MOUNT_ATTR_NOSYMFOLLOW',
};
/** What is so unless said otherwise. */
const DEFAULTS = new Set(['rw', 'suid', 'dev', 'exec', 'relatime', 'defaults']);

export interface MountOptions {
  attributes: AttributeName[];
  /** For the file system itself: `mode=755`, or a flag without a value. */
  parameters: { key: string; value: string | null }[];
}

/** mount(8)'s words, parted into what belongs to the mount (mount_setattr(2)) and what the file system takes (fsconfig(2)). */
export function parseMountOptions(options: readonly string[]): MountOptions {
  const attributes: AttributeName[] = [];
  const parameters: MountOptions['parameters'] = [];
  for (const option of options) {
    const attribute = ATTRIBUTES[option];
    const equals = option.indexOf('=');
    if (attribute !== undefined) {
      attributes.push(attribute);
    } else if (!DEFAULTS.has(option)) {
      parameters.push(
        equals < 0 ? { key: option, value: null } : { key: option.slice(0, equals), value: option.slice(equals + 1) },
      );
    }
  }
  return { attributes, parameters };
}
