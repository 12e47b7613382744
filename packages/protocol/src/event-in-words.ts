import type { LoggedEvent } from './events.ts';
import { diskUseInWords } from './disk.ts';
import { sizeInWords, sizeText, spanInWords } from './quantities/index.ts';

type Detail = LoggedEvent['detail'];

/** What happened, in a few words without their subject: `exited 137 (SIGKILL, out of memory)`. */
export function eventInWords(event: LoggedEvent): string {
  const { kind, detail, error } = event;
  const words = WORDS[kind]?.(detail, event) ?? kind;
  return error === null ? words : `${words}: ${error.message}`;
}

const WORDS: Readonly<Record<string, (detail: Detail, event: LoggedEvent) => string>> = {
  command: ({ verb, args }, event) => `${text(verb)}${event.error === null ? argumentsInWords(args, event) : ''}`,
  'container.created': ({ image }) => `made from ${text(image)}`,
  'container.started': ({ incarnation }) =>
    Number(incarnation) > 1 ? `started for the ${ordinal(Number(incarnation))} time` : 'started',
  'container.exited': exited,
  'container.failed': () => 'could not start',
  'container.removed': () => 'removed',
  'container.renamed': ({ before }) => `renamed, was ${text(before)}`,
  'container.frozen': ({ reasons }) => `frozen ${reasonsInWords(reasons)}`,
  'container.thawed': ({ reasons }) => `thawed, was frozen ${reasonsInWords(reasons)}`,
  'container.limits': changed,
  'incident.oom-kill': ({ count }) => `out of memory: ${times(count, 'process', 'processes')} killed`,
  'incident.memory-high': ({ count }) => `past its soft memory limit, ${times(count, 'time')}`,
  'incident.memory-max': ({ count }) => `held at its memory limit, ${times(count, 'time')}`,
  'incident.pids-refused': ({ count }) => `at its process limit: ${times(count, 'fork')} refused`,
  'incident.starving': ({ resource, share }) => `waits for ${text(resource)} ${Math.round(100 * Number(share))} % of the time`,
  'group.created': () => 'made',
  'group.changed': changed,
  'group.frozen': () => 'frozen, with all that is in it',
  'group.thawed': () => 'thawed',
  'group.killed': ({ killed }) => `${times(killed, 'container')} in it killed`,
  'group.removed': () => 'removed',
  'disk.low': diskInWords,
  'disk.full': diskInWords,
  'disk.recovered': diskInWords,
  'image.imported': ({ source }) => `imported from ${text(source)}`,
  'image.removed': () => 'removed',
  'volume.created': () => 'made',
  'volume.removed': () => 'removed',
  'session.signed-in': () => 'signed in',
  'session.refused': ({ more }) => `refused to sign in${Number(more) > 0 ? `, and ${times(more, 'time')} more` : ''}`,
  'session.signed-out': () => 'signed out',
  'session.expired': () => 'session ran out',
  'alert.fired': ({ about, why }) => `${text(about)}: ${text(why)}`,
  'alert.resolved': ({ about, why, ending, lastedMs }) =>
    `${text(about)}: over after ${spanInWords(Number(lastedMs))}${ending === 'below' ? '' : `, ${ENDINGS[text(ending)] ?? ''}`} (${text(why)})`,
  'alert.undelivered': ({ attempts, problem }) => `not delivered after ${times(attempts, 'attempt')}: ${text(problem)}`,
  'agent.started': ({ before }) => (before === 'killed' ? 'started, after one that ended without a word' : 'started'),
  'agent.ended': () => 'ended',
  'supervisor.started': ({ pid }) => `started as process ${text(pid)}`,
  'supervisor.lost': () => 'gone; containers go on',
  'supervisor.returned': () => 'is there again',
  'clock.jumped': ({ byMs }) =>
    `the clock was set ${spanInWords(Math.abs(Number(byMs)))} ${Number(byMs) < 0 ? 'back' : 'forward'}`,
  'log.trimmed': ({ dropped, oldest, newest }) => `${times(dropped, 'event')} dropped, from ${day(oldest)} to ${day(newest)}`,
  'log.lost': ({ lost }) => `${times(lost, 'event')} could not be written`,
  'log.damaged': ({ kept }) => `the log before this one was damaged, and is kept as ${text(kept)}`,
  'store.damaged': ({ kept, message }) => `was damaged, and is kept as ${text(kept)}: ${text(message)}`,
  'store.missing': ({ message }) => `was missing: ${text(message)}`,
};

const ENDINGS: Readonly<Record<string, string>> = { gone: 'since it has ended', rule: 'since its rule was changed' };

function exited({ exitCode, signal, oomKilled }: Detail): string {
  const code = typeof exitCode === 'number' ? `exited ${exitCode}` : 'exited, code unknown';
  const why = [signal, oomKilled === true ? 'out of memory' : null].filter((reason) => typeof reason === 'string');
  return why.length === 0 ? code : `${code} (${why.join(', ')})`;
}

interface Reason {
  by?: string;
  group?: string;
  fileSystem?: string;
}

function reasonInWords({ by, group, fileSystem }: Reason): string {
  if (by === 'group') return `by group ${group}`;
  if (by === 'disk') return `because ${fileSystem} is nearly full and it writes the most`;
  return by === 'outside' ? 'by somebody past Plimsoll' : 'by itself';
}

/** `1.8 GiB of 2 GiB used; grow: web 12 MiB/s`. */
function diskInWords({ usedBytes, totalBytes, inodeShare, writers }: Detail): string {
  const grow = Array.isArray(writers) ? (writers as { name: string; bytesPerS: number }[]) : [];
  const inodes = typeof inodeShare === 'number' ? inodeShare : null;
  return diskUseInWords({ usedBytes: Number(usedBytes), totalBytes: Number(totalBytes), inodeShare: inodes, writers: grow });
}

function reasonsInWords(reasons: unknown): string {
  if (!Array.isArray(reasons)) return '';
  return (reasons as Reason[]).map(reasonInWords).join(' and ');
}

/** `cpus 0.5 → 1, pids none → 64`. */
function changed({ before, after }: Detail): string {
  const [old, now] = [asRecord(before), asRecord(after)];
  const names = [...new Set([...Object.keys(old), ...Object.keys(now)])];
  const changes = names.filter((name) => text(old[name]) !== text(now[name]));
  return changes.map((name) => `${plainName(name)} ${difference(name, old[name], now[name])}`).join(', ');
}

/** `memoryBytes` as `memory`: the unit stands behind the figure. */
function plainName(name: string): string {
  return name.replace(/Bytes$/, '');
}

/** Sizes in every digit, as they are typed, where rounding would make them the same. */
function difference(name: string, before: unknown, after: unknown): string {
  const written = (size: (bytes: number) => string) =>
    [before, after].map((value) => (name.endsWith('Bytes') && typeof value === 'number' ? size(value) : text(value)));
  const [old, now] = written(sizeInWords);
  return (old === now ? written(sizeText) : [old, now]).join(' → ');
}

/** Without what it is about, which stands beside it. */
function argumentsInWords(args: unknown, { id, name }: LoggedEvent): string {
  const shown = Object.entries(asRecord(args)).filter(([, value]) => !isEmpty(value) && value !== id && value !== name);
  return shown.map(([name, value]) => ` ${name}=${text(value)}`).join('');
}

/** Nothing in it, however deep. */
function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string {
  if (value === undefined || value === null) return 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function times(count: unknown, one: string, many = `${one}s`): string {
  return `${Number(count)} ${Number(count) === 1 ? one : many}`;
}

function day(at: unknown): string {
  return new Date(Number(at)).toISOString().slice(0, 10);
}

function ordinal(n: number): string {
  const ending = Math.floor(n / 10) % 10 === 1 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${ending}`;
}
