'use client';

import { Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { BASE_PATH } from '../lib/base-path.ts';
import { THEME_COOKIE, THEMES, type Theme } from '../lib/theme.ts';

const ICONS = { system: Monitor, light: Sun, dark: Moon } as const;
const YEAR_S = 31_536_000;

export function ThemeSwitch({ initial }: { initial: Theme }) {
  const [theme, setTheme] = useState(initial);
  const Icon = ICONS[theme];
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  return (
    <button
      type="button"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
      className="rounded-md p-1.5 text-ink-2 hover:bg-hover hover:text-ink"
      onClick={() => {
        document.cookie = `${THEME_COOKIE}=${next}; Path=${BASE_PATH}/; SameSite=Strict; Max-Age=${YEAR_S}`;
        document.documentElement.dataset['theme'] = next;
        setTheme(next);
      }}
    >
      <Icon aria-hidden size={18} />
    </button>
  );
}
