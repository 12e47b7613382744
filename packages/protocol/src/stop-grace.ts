/** Between the stop signal and the kill. */
export const DEFAULT_STOP_GRACE_MS = 10_000;
