import { FlatFile } from '../flat-file.ts';
import type { CgroupLayout } from '../layout.ts';
import { limitAt, numberAt } from '../text.ts';
import { controllerFile, found, SMALL, value, type Source } from './source.ts';

const refused = new FlatFile(['max']);

export function pidsUsage(layout: CgroupLayout): Source[] {
  return controllerFile(layout, 'pids', 'pids.current', SMALL, (bytes, start, _end, reading) => {
    reading.pids = numberAt(bytes, start);
  });
}

export function pidsDetail(layout: CgroupLayout): Source[] {
  return [
    ...controllerFile(layout, 'pids', 'pids.max', SMALL, (bytes, start, _end, reading) => {
      reading.pidsLimit = limitAt(bytes, start);
    }),
    ...controllerFile(layout, 'pids', 'pids.events', SMALL, (bytes, start, end, reading) => {
      refused.read(bytes, start, end, found);
      reading.pidsRefused = value(0);
    }),
  ];
}
