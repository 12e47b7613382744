import { ErrorBody } from '@plimsoll/protocol';
import { z } from 'zod';
import { BuiltRootfs } from './build-rootfs.ts';

/** What an import process is to do: its one argument, as JSON. */
export const ImportTask = z.object({
  kind: z.enum(['tar', 'directory']),
  source: z.string(),
  /** Where the root file system is to be made. */
  rootfs: z.string(),
});
export type ImportTask = z.infer<typeof ImportTask>;

/** What it sends at its end. `failure`: of a syscall, or an error that nobody expected. */
export const ImportOutcome = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('built'), built: BuiltRootfs }),
  z.object({ outcome: z.literal('refused'), error: ErrorBody }),
  z.object({
    outcome: z.literal('failed'),
    failure: z.object({
      message: z.string(),
      code: z.string().optional(),
      path: z.string().optional(),
      syscall: z.string().optional(),
      stack: z.string().optional(),
    }),
  }),
]);
export type ImportOutcome = z.infer<typeof ImportOutcome>;
