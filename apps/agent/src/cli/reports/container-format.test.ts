import { expect, test } from 'vitest';
import { RUNNING } from '../../agent/container-record.fixture.ts';
import { parseFormat } from './container-format.ts';
import { containerView } from './container-view.fixture.ts';
import { OptionError } from '../verb.ts';

const WEB = containerView('web', { command: ['sh', '-c', 'printf "\x1b[2J"'], labels: { a: '1', b: '2' }, state: RUNNING });
const DB = containerView('db', { group: 'acme' });
const write = (format: string) => parseFormat(format)([WEB, DB]);

test('a template is filled for each', () => {
  expect(write('{{.ID}} {{ .Names }}: {{.State}} {{.Group}} [{{.Labels}}]')).toEqual([
    `${WEB.id} web: running acme/web [a=1,b=2]`,
    `${DB.id} db: created acme []`,
  ]);
  expect(write(String.raw`{{.Names}}\t{{.Pid}}`)).toEqual(['web\t4242', 'db\t']);
  expect(write('{{.Command}}')[0]).toBe('sh -c printf "\\x1b[2J"');
  expect(write('no fields')).toEqual(['no fields', 'no fields']);
});

test('a table has headings', () => {
  expect(write(String.raw`table {{.Names}}\t{{.Status}} of {{.Image}}`)).toEqual([
    expect.stringMatching(/^NAMES +STATUS of IMAGE\nweb +running .* of base\ndb +created of base$/),
  ]);
});

test.each(['json', '{{json .}}'])('%s is an object a line', (format) => {
  const [line = ''] = write(format);
  expect(JSON.parse(line)).toMatchObject({ ID: WEB.id, Names: 'web', State: 'running', Labels: 'a=1,b=2' });
});

test.each(['{{.Ports}}', '{{ID}}', '{{.toString}}', '{{json .Names}}', '{{.ID'])('"%s" is wrong usage', (format) => {
  expect(() => parseFormat(format)).toThrow(OptionError);
});

test('a field that is not there is answered with those that are', () => {
  expect(() => parseFormat('{{.Ports}}')).toThrow('{{.Ports}} is none of .ID, .Names, .Image, .Command, ');
});
