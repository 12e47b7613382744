'use client';

import { useCallback, useState } from 'react';

/** Which paths of a tree were opened or closed by hand; of the others `usual` decides. */
export function useToggled(usual: (path: string) => boolean): {
  expanded: (node: { path: string }) => boolean;
  toggle: (path: string, expanded: boolean) => void;
} {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const toggle = useCallback((path: string, open: boolean) => setToggled((before) => new Map(before).set(path, open)), []);
  const expanded = useCallback(({ path }: { path: string }) => toggled.get(path) ?? usual(path), [toggled, usual]);
  return { expanded, toggle };
}
