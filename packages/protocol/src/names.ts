import { z } from 'zod';

/** A container's identity for ever: 16 lower-case hex digits, random. Also the name of its cgroup. */
export const ContainerId = z.string().regex(/^[0-9a-f]{16}$/, 'expected 16 hex digits');
export type ContainerId = z.infer<typeof ContainerId>;

/** A person's name for a container, unique on the host. */
export const ContainerName = z
  .string()
  .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/, 'use 1 to 63 letters, digits, "_", "." or "-", and begin with a letter or a digit');
export type ContainerName = z.infer<typeof ContainerName>;

/** A container given by id, or by name. */
export const ContainerRef = z.string().min(1, 'name a container').max(63, 'no container has a name this long');

/**
 * A group's path and identity, `acme/web`: it is the path of a cgroup, so each part begins with a letter, which no file
 * that the kernel puts into a cgroup directory shares with it (those contain a dot, or are `tasks` and the like).
 */
export const GroupPath = z
  .string()
  .max(255, 'at most 255 characters')
  .regex(
    /^[a-z][a-z0-9_-]{0,62}(?:\/[a-z][a-z0-9_-]{0,62}){0,7}$/,
    'use lower-case letters, digits, "_" and "-", parts divided by "/", each beginning with a letter',
  )
  .refine(
    (path) => !path.split('/').some((part) => part === 'tasks'),
    'a part named "tasks" would collide with the kernel\'s own file',
  );
export type GroupPath = z.infer<typeof GroupPath>;

/** An image's name, with an optional tag: `base`, `debian:12`. */
export const ImageName = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,127}(?:\/[a-z0-9][a-z0-9._-]{0,127}){0,3}(?::[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})?$/,
    'expected an image name such as "base" or "debian:12"',
  );
export type ImageName = z.infer<typeof ImageName>;

/** A volume's name, unique on the host, and that of its directory there. */
export const VolumeName = z
  .string()
  .regex(
    /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$/,
    'a volume\'s name has 1 to 63 letters, digits, "_", "." or "-", and begins with a letter or a digit',
  );
export type VolumeName = z.infer<typeof VolumeName>;

/** RFC 1123 host name of at most 64 bytes (the kernel's own limit, __NEW_UTS_LEN). */
export const Hostname = z
  .string()
  .max(64, 'at most 64 characters')
  .regex(/^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*$/, 'expected a host name');

/** Text that reaches the kernel as a C string: no NUL inside. */
export const CString = z
  .string()
  .max(131_071, 'the kernel takes at most 131071 bytes (MAX_ARG_STRLEN) in one string')
  .refine((text) => !text.includes('\0'), 'contains a NUL character');

/** An absolute path inside a container. */
export const AbsolutePath = CString.refine((path) => path.startsWith('/'), 'expected an absolute path').refine(
  (path) => path.length < 4096,
  'longer than the kernel takes (PATH_MAX)',
);
