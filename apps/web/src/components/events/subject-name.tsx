'use client';

import type { EventSubject } from '@plimsoll/protocol';
import { useState } from 'react';
import { useChanges, useLive } from '../live-provider.tsx';

interface SubjectNameProps {
  about: EventSubject | '';
  name: string;
  change: (name: string) => void;
  className: string;
}

/** A name, or an id, to be typed or chosen from what there is; what is gone can be typed still. */
export function SubjectName({ about, name, change, className }: SubjectNameProps) {
  const live = useLive();
  useChanges(live?.containers.notifier);
  useChanges(live?.groups.notifier);
  const [text, setText] = useState(name);
  const containers = about === 'container' || about === '' ? (live?.containers.all() ?? []).map((view) => view.name) : [];
  const groups = about === 'group' ? (live?.groups.all() ?? []).map(({ path }) => path) : [];
  return (
    <label className="min-w-0">
      <span className="sr-only">Name</span>
      <input
        value={text}
        list="event-subjects"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        placeholder={about === 'group' ? 'Which group' : 'Its name or id'}
        className={`${className} md:w-40`}
        onChange={({ target }) => {
          setText(target.value);
          change(target.value.trim());
        }}
      />
      <datalist id="event-subjects">
        {[...containers, ...groups].map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </datalist>
    </label>
  );
}
