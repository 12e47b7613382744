import { expect, test } from 'vitest';
import { filledVolumes, NO_VOLUME, volumeField, volumeMounts } from './volume-texts.ts';

test('rows in which nothing is typed are none', () => {
  const data = { volume: 'data', destination: '', readOnly: false };
  expect(filledVolumes([NO_VOLUME, data, { volume: ' ', destination: ' ', readOnly: true }])).toEqual([data]);
});

test('rows are volumes of the request', () => {
  expect(volumeMounts([{ volume: ' conf', destination: '/etc/app ', readOnly: true }])).toEqual([
    { kind: 'volume', volume: 'conf', destination: '/etc/app', readOnly: true },
  ]);
});

test.each([
  ['mounts.2.destination', 'mounts.2.destination'],
  ['container.run: mounts.0.volume: too long', 'mounts.0.volume'],
  ['container.run: mounts: at most 128 mounts', 'mounts'],
  ['container.run: mounts.0: no such kind', 'mounts'],
  ['amounts.0.volume', undefined],
])('%s is about %s', (text, field) => {
  expect(volumeField(text)).toBe(field);
});
