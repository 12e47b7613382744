'use client';

import { Search } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';

interface FilterProps {
  label: string;
  placeholder: string;
  query: string;
  change: (query: string) => void;
}

/** What a table is filtered by; `/` leads to it. */
export function FilterField({ label, placeholder, query, change }: FilterProps) {
  // The field has a state of its own: a URL that is rewritten at each key would lag behind the fingers.
  const [text, setText] = useState(query);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const typing =
        event.target instanceof HTMLElement && event.target.closest('input, textarea, select, [contenteditable]') !== null;
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <label className="relative order-last w-full md:order-none md:w-64">
      <span className="sr-only">{label}</span>
      <Search aria-hidden size={16} className="pointer-events-none absolute top-2 left-2.5 text-ink-3" />
      <input
        ref={input}
        type="search"
        value={text}
        placeholder={placeholder}
        aria-keyshortcuts="/"
        className="h-8 w-full rounded-md border border-line-strong bg-surface pr-2 pl-8 text-13 placeholder:text-ink-3"
        onChange={(event) => {
          setText(event.target.value);
          change(event.target.value);
        }}
      />
    </label>
  );
}
