'use client';

import { useCallback, useState } from 'react';

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string, selected: boolean) => void;
  set: (ids: Iterable<string>) => void;
}

export function useSelection(): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string, selected: boolean) => {
    setIds((before) => {
      const after = new Set(before);
      if (selected) after.add(id);
      else after.delete(id);
      return after;
    });
  }, []);
  const set = useCallback((next: Iterable<string>) => setIds(new Set(next)), []);
  return { ids, toggle, set };
}
