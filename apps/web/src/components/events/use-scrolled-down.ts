'use client';

import { useEffect, useState } from 'react';

const FURTHER_DOWN_PX = 48;

/** Whether the page is scrolled away from its top; and back there. */
export function useScrolledDown(): [boolean, () => void] {
  const [isDown, setIsDown] = useState(false);
  useEffect(() => {
    const scroller = document.querySelector('#content');
    if (scroller === null) return undefined;
    const look = () => setIsDown(scroller.scrollTop > FURTHER_DOWN_PX);
    scroller.addEventListener('scroll', look, { passive: true });
    return () => scroller.removeEventListener('scroll', look);
  }, []);
  return [isDown, () => document.querySelector('#content')?.scrollTo({ top: 0 })];
}
