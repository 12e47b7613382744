/** The agent answers within a command's own deadline; this much longer says that it is stuck. */
export const GRACE_MS = 5000;
/** A crashed agent is back well before this; one that was shut down is not. */
export const GIVE_UP_MS = 45_000;
/** Between two attempts to connect. */
export const AGAIN_MS = 200;
