import type { StoreWarning } from '@plimsoll/protocol';
import { safe } from './terminal.ts';

/** A line or two for each state file that was damaged or missing. */
export function storeWarningLines(warnings: readonly StoreWarning[]): string[] {
  return warnings.map(({ store, problem, at, path, kept, message, hint }) => {
    const where = kept === null ? path : `${path}, kept as ${kept}`;
    return safe(`${store}: ${problem} at ${at} (${where}): ${message}. ${hint}`);
  });
}
