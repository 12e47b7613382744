import { expect, test } from 'vitest';
import { eventFilter, readEventView, writeEventView } from './event-view.ts';

const view = (query: string) => readEventView(new URLSearchParams(query));

test('a view stands in the URL, and comes back from it', () => {
  for (const query of [
    '',
    'q=x&kind=command&about=container&name=web&who=root&range=1h',
    'range=between&from=2026-11-25T10%3A00',
  ]) {
    expect(writeEventView(view(query)).toString()).toBe(query);
  }
  expect(view('about=nonsense&range=ever')).toMatchObject({ about: '', range: 'all' });
});

test('a view becomes a question, without what is not typed to its end', () => {
  expect(eventFilter(view(''), 0)).toEqual({});
  expect(eventFilter(view('about=group&name=acme/web'), 0)).toEqual({ group: 'acme/web' });
  expect(eventFilter(view('about=group&name=acme/'), 0)).toEqual({});
  expect(eventFilter(view('about=group'), 0)).toEqual({ subjects: ['group'] });
  expect(eventFilter(view('about=container&name=web&who=root'), 0)).toEqual({
    subjects: ['container'],
    subject: 'web',
    who: 'root',
  });
  expect(eventFilter(view('range=1h'), 3_600_001)).toEqual({ from: 1 });
  expect(eventFilter(view('range=between&from=2026-11-25T10:00&to=never'), 0)).toEqual({
    from: new Date(2026, 10, 25, 10).getTime(),
  });
});
