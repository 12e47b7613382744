import { resolve } from 'node:path';
import { connectAgent } from '../agent-connection.ts';
import { formatAge, formatBytes } from '../options/quantities.ts';
import { complain } from '../reports/error-report.ts';
import { table } from '../reports/table.ts';
import { print, printJson, safe } from '../reports/terminal.ts';
import { defineVerb, none, UsageError } from '../verb.ts';
import { onEach } from './on-each.ts';

const COLUMNS = [
  { title: 'NAME', least: 12 },
  'DIGEST',
  'SIZE',
  { title: 'FILES', drop: 2 },
  'AGE',
  'USED BY',
  { title: 'SOURCE', least: 8, drop: 1 },
];

export const imageList = defineVerb({
  usage: '[-q] [--json]',
  summary: 'list images',
  options: {
    quiet: { type: 'boolean', short: 'q', default: false },
    json: { type: 'boolean', default: false },
    all: { type: 'boolean', short: 'a', default: false },
  },
  optionHelp: { quiet: 'names only', json: 'as a JSON array', all: 'all of them, which is what it does anyway' },
  async run({ json, quiet }, positionals, context) {
    none(positionals);
    using client = connectAgent(context);
    const images = await client.command('image.list', {});
    if (json) {
      printJson(context, images);
    } else if (quiet) {
      for (const { name } of images) print(context, name);
    } else {
      const rows = images.map(({ name, digest, sizeBytes, files, createdAt, usedBy, source }) => [
        name,
        digest.replace('sha256:', '').slice(0, 12),
        formatBytes(sizeBytes),
        String(files),
        formatAge(createdAt),
        String(usedBy.length),
        source,
      ]);
      print(context, table(COLUMNS, rows, context.stdout.columns));
    }
    return 0;
  },
});

export const imageImport = defineVerb({
  usage: '[--json] NAME PATH',
  summary: 'make an image of a rootfs tar or directory',
  options: { json: { type: 'boolean', default: false } },
  optionHelp: { json: 'the image as a JSON object' },
  fields: { name: ['NAME'], source: ['PATH'] },
  examples: ['image import debian:12 ./debian-rootfs.tar'],
  async run({ json }, positionals, context) {
    const [name, path, more] = positionals;
    if (name === undefined || path === undefined) {
      throw new UsageError('give a name for the image, and the path of a rootfs tar or directory');
    }
    if (more !== undefined) throw new UsageError(`"${more}" is one word too many`);
    using client = connectAgent(context);
    const image = await client.command('image.import', { name, source: resolve(path) });
    if (json) printJson(context, image);
    else print(context, image.digest);
    for (const note of image.notes) complain(context, safe(note));
    return 0;
  },
});

export const imageRemove = defineVerb({
  usage: 'NAME…',
  summary: 'remove images that no container uses',
  options: {},
  optionHelp: {},
  run: (_, names, context) =>
    onEach(context, names, (client, name) => client.command('image.remove', { name }), { what: 'one or more images' }),
});
