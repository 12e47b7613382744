import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';
import { AlertNotices } from '../../components/alerts/alert-notices.tsx';
import { ConfirmProvider } from '../../components/confirm.tsx';
import { IncidentNotices } from '../../components/incidents/incident-notices.tsx';
import { LiveProvider } from '../../components/live-provider.tsx';
import { Notices } from '../../components/notices.tsx';
import { Shell } from '../../components/shell.tsx';
import { readTheme, THEME_COOKIE } from '../../lib/theme.ts';

export default async function DashboardLayout({ children }: { children: ReactNode }) {
  const theme = readTheme((await cookies()).get(THEME_COOKIE)?.value);
  const nonce = /'nonce-([^']+)'/.exec((await headers()).get('content-security-policy') ?? '')?.[1];
  return (
    <LiveProvider>
      <Notices>
        <AlertNotices />
        <IncidentNotices />
        <ConfirmProvider nonce={nonce}>
          <Shell theme={theme}>{children}</Shell>
        </ConfirmProvider>
      </Notices>
    </LiveProvider>
  );
}
