import type { Metadata } from 'next';
import { Mark } from '../../components/mark.tsx';
import { Typed } from '../../components/typed.tsx';

export const metadata: Metadata = { title: 'Sign in' };

const PROBLEMS: Readonly<Record<string, string>> = {
  'bad-token': 'That link has been used already, or is too old: each one works once, for ten minutes.',
  'agent-away': 'The agent cannot be reached, so the link could not be checked. It is still good: open it again in a moment.',
  expired: 'Your session has ended.',
  'signed-out': 'You are signed out.',
};

export default async function SignInPage({ searchParams }: { searchParams: Promise<{ problem?: string | string[] }> }) {
  const { problem } = await searchParams;
  const sentence = typeof problem === 'string' && Object.hasOwn(PROBLEMS, problem) ? PROBLEMS[problem] : undefined;
  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <div className="card w-full max-w-md p-8">
        <Mark size={40} />
        <h1 className="mt-4 text-20 font-semibold">Sign in to Plimsoll</h1>
        {sentence !== undefined && (
          <p role="alert" className="mt-3 rounded-md border border-line bg-hover px-3 py-2 text-13">
            {sentence}
          </p>
        )}
        <p className="mt-3 text-ink-2">There is no password. On the host, as root, run</p>
        <pre className="mt-3 rounded-md border border-line bg-ground px-3 py-2 font-mono text-13 select-all">
          <Typed>url</Typed>
        </pre>
        <p className="mt-3 text-ink-2">and open the link that it prints. It signs this browser in, once.</p>
      </div>
    </main>
  );
}
