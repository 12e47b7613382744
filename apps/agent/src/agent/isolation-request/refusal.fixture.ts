import { PlimsollError } from '@plimsoll/protocol';

/** The error that is thrown. */
export function refusalOf(act: () => unknown): PlimsollError {
  try {
    act();
  } catch (error) {
    if (error instanceof PlimsollError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
