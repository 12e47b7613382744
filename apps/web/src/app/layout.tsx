import type { Metadata, Viewport } from 'next';
import { cookies } from 'next/headers';
import type { ReactNode } from 'react';
import { CommandNameProvider } from '../components/typed.tsx';
import { readTheme, THEME_COOKIE } from '../lib/theme.ts';
import './globals.css';

export const metadata: Metadata = { title: { default: 'Plimsoll', template: '%s · Plimsoll' }, robots: { index: false } };

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#ffffff' },
    { media: '(prefers-color-scheme: dark)', color: '#11161d' },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
  return (
    <html lang="en" data-theme={theme}>
      <body>
        <CommandNameProvider name={process.env['PLIMSOLL_COMMAND'] ?? 'npx plimsoll'}>{children}</CommandNameProvider>
      </body>
    </html>
  );
}
