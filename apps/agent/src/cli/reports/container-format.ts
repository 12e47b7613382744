import type { ContainerView } from '@plimsoll/protocol';
import { describeState } from './container-report.ts';
import { formatAge } from '../options/quantities.ts';
import { table } from './table.ts';
import { safe } from './terminal.ts';
import { OptionError } from '../verb.ts';

/** Docker's fields of a container, and their headings; those of Plimsoll beside them. */
const FIELDS: Readonly<Record<string, { heading: string; of: (view: ContainerView) => string }>> = {
  ID: { heading: 'CONTAINER ID', of: ({ id }) => id },
  Names: { heading: 'NAMES', of: ({ name }) => name },
  Image: { heading: 'IMAGE', of: ({ image }) => image },
  Command: { heading: 'COMMAND', of: ({ command }) => command.join(' ') },
  CreatedAt: { heading: 'CREATED AT', of: ({ createdAt }) => createdAt },
  RunningFor: { heading: 'CREATED', of: ({ createdAt }) => formatAge(createdAt) },
  Status: { heading: 'STATUS', of: ({ state }) => describeState(state) },
  State: { heading: 'STATE', of: ({ state }) => state.status },
  Pid: { heading: 'PID', of: ({ state }) => ('pid' in state ? String(state.pid) : '') },
  Group: { heading: 'GROUP', of: ({ group }) => group },
  Mounts: {
    heading: 'MOUNTS',
    of: ({ mounts }) => mounts.map((mount) => (mount.kind === 'volume' ? mount.volume : mount.source)).join(','),
  },
  Labels: {
    heading: 'LABELS',
    of: ({ labels }) =>
      Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(','),
  },
};

const PLACE = /\{\{\s*(.*?)\s*\}\}/g;

/** Writes containers as `--format` says: a template, a `table …` of it, or `json` for an object a line. Throws UsageError. */
export function parseFormat(text: string): (views: readonly ContainerView[]) => string[] {
  if (/^(?:json|\{\{\s*json \.\s*\}\})$/.test(text)) return (views) => views.map(asJson);
  // As docker takes them: a shell leaves both as they are typed.
  const template = text.replaceAll(String.raw`\t`, '\t').replaceAll(String.raw`\n`, '\n');
  const columns = /^table\s+(.*)$/s.exec(template)?.[1]?.split('\t');
  const [, ...places] = template.split(/\{\{/);
  if (places.some((place) => !place.includes('}}'))) throw new OptionError('--format', text, 'a {{ is not closed by }}');
  for (const [, place = ''] of template.matchAll(PLACE)) requireField(place, text);
  if (columns === undefined) return (views) => views.map((view) => fill(template, ({ of }) => safe(of(view))));
  const header = columns.map((column) => fill(column, ({ heading }) => heading));
  return (views) => {
    const rows = views.map((view) => columns.map((column) => fill(column, ({ of }) => of(view))));
    return [table(header, rows, undefined)];
  };
}

function requireField(place: string, text: string): void {
  const name = place.replace(/^\./, '');
  if (place.startsWith('.') && Object.hasOwn(FIELDS, name)) return;
  const known = Object.keys(FIELDS).map((field) => `.${field}`);
  throw new OptionError('--format', text, `{{${place}}} is none of ${known.join(', ')}`);
}

function fill(template: string, value: (field: (typeof FIELDS)[string]) => string): string {
  return template.replace(PLACE, (_, place: string) => {
    const field = FIELDS[place.slice(1)];
    return field === undefined ? '' : value(field);
  });
}

function asJson(view: ContainerView): string {
  return JSON.stringify(Object.fromEntries(Object.entries(FIELDS).map(([name, { of }]) => [name, of(view)])));
}
