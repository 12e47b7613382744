import { expect, test } from 'vitest';
import { containerRecord, groupRecord } from '../container-record.fixture.ts';
import { toView } from '../registry.ts';
import { containerLabels, groupLabels, hostLabels } from './labels.ts';

const A = 'aaaa000000000000';
const own = (labels: Record<string, string>) => {
  const {
    id: _id,
    name: _name,
    image: _image,
    plimsoll_group: _group,
    ...rest
  } = containerLabels(toView(containerRecord(A, 'one', { labels }), 1));
  return rest;
};

test('a container is known by what cAdvisor knows it by, and by its group', () => {
  expect(containerLabels(toView(containerRecord(A, 'one'), 1))).toEqual({
    id: `/plimsoll/acme/web/${A}`,
    name: 'one',
    image: 'base',
    plimsoll_group: 'acme/web',
  });
});

test('a group and the host have neither name nor image', () => {
  expect(groupLabels({ ...groupRecord('acme'), handle: 1 })).toEqual({
    id: '/plimsoll/acme',
    name: '',
    image: '',
    plimsoll_group: 'acme',
  });
  expect(hostLabels()).toEqual({ id: '/', name: '', image: '', plimsoll_group: '' });
});

test('keys of labels become names that the format has', () => {
  expect(own({ 'org.example/team-1': 'a', größe: 'b', '🚢': 'c', '': 'd', __proto: 'e' })).toEqual({
    container_label_org_example_team_1: 'a',
    container_label_gr__e: 'b',
    container_label__: 'c',
    container_label_: 'd',
    container_label___proto: 'e',
  });
});

test('of keys that become the same, the first in order stays', () => {
  expect(own({ a_b: '3', 'a.b': '2', 'a-b': '1' })).toEqual({ container_label_a_b: '1' });
});

test('neither command nor environment is told', () => {
  const view = toView(containerRecord(A, 'one', { command: ['sh', 'secret'], env: { TOKEN: 'secret' } }), 1);
  expect(JSON.stringify(containerLabels(view))).not.toContain('secret');
});
