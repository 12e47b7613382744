import { connectAgent } from '../agent-connection.ts';
import { formatAge, formatBytes, parsePair } from '../options/quantities.ts';
import { table } from '../reports/table.ts';
import { print, printJson } from '../reports/terminal.ts';
import { defineVerb, exactlyOne, none } from '../verb.ts';
import { onEach } from './on-each.ts';

export const volumeList = defineVerb({
  usage: '[-q] [--json]',
  summary: 'list volumes',
  options: { quiet: { type: 'boolean', short: 'q', default: false }, json: { type: 'boolean', default: false } },
  optionHelp: { quiet: 'names only', json: 'as a JSON array' },
  async run({ json, quiet }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const volumes = await client.command('volume.list', {});
    if (json) {
      printJson(context, volumes);
    } else if (quiet) {
      for (const { name } of volumes) print(context, name);
    } else {
      const rows = volumes.map(({ name, sizeBytes, createdAt, usedBy }) => [
        name,
        sizeBytes === null ? '—' : formatBytes(sizeBytes),
        formatAge(createdAt),
        usedBy.join(', '),
      ]);
      print(
        context,
        table(
          [{ title: 'NAME', least: 12 }, 'SIZE', 'AGE', { title: 'USED BY', least: 12, drop: 1 }],
          rows,
          context.stdout.columns,
        ),
      );
    }
    return 0;
  },
});

export const volumeCreate = defineVerb({
  usage: '[options] NAME',
  summary: 'make a volume: files that outlive the containers that use them',
  options: {
    label: { type: 'string', short: 'l', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
  },
  optionHelp: { label: 'NAME=value to remember with it, any number of times', json: 'the volume as a JSON object' },
  fields: { name: ['NAME'], labels: ['label'] },
  examples: ['volume create --label owner=acme data'],
  async run({ label, json }, positionals, context) {
    const name = exactlyOne(positionals, 'one volume');
    const labels = Object.fromEntries(label.map((text) => parsePair(text, '--label')));
    using client = connectAgent(context);
    const volume = await client.command('volume.create', { name, labels });
    if (json) printJson(context, volume);
    else print(context, volume.name);
    return 0;
  },
});

export const volumeRemove = defineVerb({
  usage: 'NAME…',
  summary: 'remove volumes that no container uses, with all that is in them',
  options: {},
  optionHelp: {},
  run: (_, names, context) =>
    onEach(context, names, (client, name) => client.command('volume.remove', { name }), { what: 'one or more volumes' }),
});
