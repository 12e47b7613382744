import { ContainerId } from '@plimsoll/protocol';
import { z } from 'zod';

const Bytes = z.int().min(0);

/** The first frame of a client. `received`: what it has of this incarnation's output already. `stdin`: it writes to the standard input. */
export const Attach = z.strictObject({
  container: ContainerId,
  incarnation: z.int().min(1),
  received: z.strictObject({ stdout: Bytes, stderr: Bytes }),
  stdin: z.boolean(),
});
export type Attach = z.infer<typeof Attach>;

/**
 * The answer. `stdin`: bytes that are on their way to the container's standard input, or were; null: it takes none, or no more. `isCut`: it was ended, since
 * the client stayed away.
 */
export const Attached = z.object({ stdin: Bytes.nullable(), isCut: z.boolean() });
export type Attached = z.infer<typeof Attached>;

/** Bytes of a stream that are not there any more. */
export const Lost = z.object({ stream: z.enum(['stdout', 'stderr']), bytes: Bytes });
export type Lost = z.infer<typeof Lost>;

/** Bytes that are on their way to the container's standard input, or were: the client need not keep them. */
export const StdinTaken = z.object({ bytes: Bytes });

/** `record`: the container's ContainerRecord at its end; null: it was removed while it ran. */
export const AttachEnd = z.object({ record: z.unknown() });
export type AttachEnd = z.infer<typeof AttachEnd>;
