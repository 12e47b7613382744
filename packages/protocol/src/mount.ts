import { z } from 'zod';
import { AbsolutePath, VolumeName } from './names.ts';

/** Plain, so that it is one place however it is written; and none of those that the container's own file systems are mounted in. */
const MountDestination = AbsolutePath.refine(
  (path) =>
    path !== '/' &&
    path
      .slice(1)
      .split('/')
      .every((part) => part !== '' && part !== '.' && part !== '..'),
  'expected a plain absolute path below "/", without "." or ".." and without a "/" at its end',
).refine((path) => !/^\/(?:proc|sys|dev)(?:\/|$)/.test(path), 'lies in /proc, /sys or /dev, which a container has its own of');

/**
 * What the mount passes on of what is mounted in or below its source later (mount_namespaces(7)): nothing; what the host mounts
 * there; or that, and to the host what the container mounts.
 */
export const PROPAGATIONS = ['private', 'slave', 'shared'] as const;

/** A file or directory of the host, or a volume, seen at a place inside a container. */
export const ContainerMount = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('volume'),
    /** Made with this use where it is not there. */
    volume: VolumeName,
    destination: MountDestination,
    readOnly: z.boolean().default(false),
  }),
  z.strictObject({
    kind: z.literal('bind'),
    /** Of the host. It hands these files over, and so is taken from the host's root only. */
    source: AbsolutePath,
    destination: MountDestination,
    readOnly: z.boolean().default(false),
    propagation: z.enum(PROPAGATIONS).default('private'),
    /**
     * Whether a file that is root's on the host is root's inside as well; else it is nobody's there, as the container's ids are others.
     * Absent: where the file system can (mount_setattr(2)). True: where it cannot, the container has the host's user namespace.
     */
    idmap: z.boolean().optional(),
  }),
]);
export type ContainerMount = z.infer<typeof ContainerMount>;

export const ContainerMounts = z
  .array(ContainerMount)
  .max(128, 'at most 128 mounts')
  .superRefine((mounts, context) => {
    const taken = new Set<string>();
    mounts.forEach(({ destination }, at) => {
      if (taken.has(destination)) {
        context.addIssue({ code: 'custom', path: [at, 'destination'], message: `two mounts go to ${destination}` });
      }
      taken.add(destination);
    });
  });
