'use client';

import { Bell, Boxes, FolderTree, HardDrive, Layers, Network, ScrollText, Server } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import type { Theme } from '../lib/theme.ts';
import { AlertCount } from './alerts/alert-count.tsx';
import { ConnectionBanner, ConnectionDot } from './connection-banner.tsx';
import { DiskBanner } from './disk-banner.tsx';
import { useHello } from './live-provider.tsx';
import { Mark } from './mark.tsx';
import { SignOut } from './sign-out.tsx';
import { StoreWarnings } from './store-warnings.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

const PLACES = [
  { href: '/containers', label: 'Containers', icon: Boxes },
  { href: '/groups', label: 'Groups', icon: FolderTree },
  { href: '/images', label: 'Images', icon: Layers },
  { href: '/volumes', label: 'Volumes', icon: HardDrive },
  { href: '/events', label: 'Events', icon: ScrollText },
  { href: '/alerts', label: 'Alerts', icon: Bell },
  { href: '/kernel', label: 'Kernel', icon: Network, also: '/namespaces' },
  { href: '/host', label: 'Host', icon: Server },
];

/** Rail, bar and connection state around every page; on a phone the rail lies at the bottom. */
export function Shell({ theme, children }: { theme: Theme; children: ReactNode }) {
  const hello = useHello();
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded focus:bg-raised focus:px-3 focus:py-2"
      >
        Skip to the content
      </a>
      <Rail />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <header className="flex h-12 flex-none items-center gap-3 border-b border-line bg-surface px-4">
          <span className="md:hidden">
            <Mark />
          </span>
          <span className="truncate text-13 font-medium">{hello?.hostname ?? ''}</span>
          <ConnectionDot />
          <span className="flex-1" />
          <ThemeSwitch initial={theme} />
          <SignOut />
        </header>
        <ConnectionBanner />
        <DiskBanner />
        <StoreWarnings />
        <main id="content" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-auto outline-none">
          {children}
        </main>
      </div>
    </div>
  );
}

function Rail() {
  const path = usePathname();
  return (
    <nav
      aria-label="Main"
      className="order-last flex flex-none border-t border-line bg-surface md:order-none md:w-14 md:flex-col md:border-t-0 md:border-r xl:w-48"
    >
      <Link href="/containers" className="hidden h-12 items-center gap-2.5 px-4 md:flex" aria-label="Plimsoll">
        <Mark />
        <span className="hidden text-16 font-semibold tracking-tight xl:inline">Plimsoll</span>
      </Link>
      <ul className="flex min-w-0 flex-1 justify-around gap-1 p-1 max-md:gap-0 max-md:overflow-x-auto md:flex-col md:justify-start md:p-2">
        {PLACES.map(({ href, label, icon: Icon, also }) => {
          const here = path === href || path === also || path.startsWith(`${href}/`);
          return (
            <li key={href} className="group relative">
              <Link
                href={href}
                aria-current={here ? 'page' : undefined}
                className={`flex flex-col items-center gap-0.5 rounded-md px-1 py-1 text-12 max-md:px-0.5 max-md:text-[11px] md:h-9 md:flex-row md:gap-3 md:px-3 md:py-0 md:text-13 ${
                  here ? 'bg-accent-soft font-medium text-accent' : 'text-ink-2 hover:bg-hover hover:text-ink'
                }`}
              >
                <span className="relative flex-none">
                  <Icon aria-hidden size={18} />
                  {href === '/alerts' && <AlertCount />}
                </span>
                <span className="md:max-xl:pointer-events-none md:max-xl:absolute md:max-xl:left-full md:max-xl:z-30 md:max-xl:ml-2 md:max-xl:rounded md:max-xl:border md:max-xl:border-line md:max-xl:bg-raised md:max-xl:px-2 md:max-xl:py-1 md:max-xl:text-12 md:max-xl:text-ink md:max-xl:opacity-0 md:max-xl:group-focus-within:opacity-100 md:max-xl:group-hover:opacity-100">
                  {label}
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </nav>
  );
}
