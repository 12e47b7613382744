import { z } from 'zod';

/** signal(7), x86-64. */
const STANDARD = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGCHLD: 17,
  SIGCONT: 18,
  SIGSTOP: 19,
  SIGTSTP: 20,
  SIGTTIN: 21,
  SIGTTOU: 22,
  SIGURG: 23,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGWINCH: 28,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
} as const;

/** glibc keeps the first two of the kernel's for its threads: SIGRTMIN of a program is 34. */
const RTMIN = 34;
const RTMAX = 64;
const realTime = Array.from({ length: RTMAX - RTMIN + 1 }, (_, i): [string, number] => [
  i === 0 ? 'SIGRTMIN' : `SIGRTMIN+${i}`,
  RTMIN + i,
]);

/** The number of each signal, by its canonical name. */
const NUMBERS: ReadonlyMap<string, number> = new Map([...Object.entries(STANDARD), ...realTime]);
const NAMES: ReadonlyMap<number, string> = new Map(Array.from(NUMBERS, ([name, number]) => [number, name]));

/** Other names for the same. */
const ALIASES: Readonly<Record<string, string>> = {
  SIGIOT: 'SIGABRT',
  SIGCLD: 'SIGCHLD',
  SIGPOLL: 'SIGIO',
  ...Object.fromEntries(
    realTime.map(([name], i) => [`SIGRTMAX${i === realTime.length - 1 ? '' : i - (realTime.length - 1)}`, name]),
  ),
};

/** `HUP`, `SIGHUP` or `1`, in upper or lower case; becomes `SIGHUP`. */
export const Signal = z
  .string()
  .max(16, 'expected a signal such as SIGHUP, HUP or 1')
  .refine((text) => canonical(text) !== undefined, 'expected a signal such as SIGHUP, HUP or 1')
  .transform((text) => canonical(text) ?? text);
/** A canonical name. */
export type Signal = z.output<typeof Signal>;

/** Of a canonical name; throws for any other. */
export function signalNumber(name: string): number {
  const number = NUMBERS.get(name);
  if (number === undefined) throw new Error(`there is no signal ${name}`);
  return number;
}

/** `SIGKILL` for 9; `SIG32` for one without a name. */
export function signalName(number: number): string {
  return NAMES.get(number) ?? `SIG${number}`;
}

function canonical(text: string): string | undefined {
  if (/^\d{1,2}$/.test(text)) return NAMES.get(Number(text));
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  const known = Object.hasOwn(ALIASES, name) ? ALIASES[name]! : name;
  return NUMBERS.has(known) ? known : undefined;
}
