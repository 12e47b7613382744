import { z } from 'zod';
import { Instant } from './container-state.ts';

/** A state file that was damaged or had disappeared, and in whose place there is a new one. */
export const StoreWarning = z.object({
  /** As it is called: `ledger`, `list of images`. */
  store: z.string(),
  problem: z.enum(['damaged', 'missing']),
  /** When that was found. */
  at: Instant,
  /** Of the file, on the host. */
  path: z.string(),
  /** Where the damaged file is now; null: there was none. */
  kept: z.string().nullable(),
  /** A sentence: what is lost, and what was rebuilt from what. */
  message: z.string(),
  /** What to do. */
  hint: z.string(),
});
export type StoreWarning = z.infer<typeof StoreWarning>;
