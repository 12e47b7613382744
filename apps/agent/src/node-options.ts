/** SIGUSR1 would open Node's debugger on a port of 127.0.0.1: every local user could run code in this process. */
export const NO_DEBUGGER = '--disable-sigusr1';

/**
 * Options of Node for processes that live long. A young generation of V8's default size keeps tens of MB more, for work that is mostly
 * small and short. V8 lets an old generation grow to hundreds of MB before it is first collected, unless it has a size to begin with (MB); from
 * then on it is collected each time that it has grown by a fifth. WebAssembly is Node's TypeScript parser alone, which works at a first start: optimizing it takes 12 MB, and saves no time.
 */
export const LEAN = [
  NO_DEBUGGER,
  '--max-semi-space-size=2',
  '--initial-old-space-size=16',
  '--heap-growing-percent=20',
  '--liftoff-only',
];
