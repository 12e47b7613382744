import { LogOut } from 'lucide-react';
import { BASE_PATH } from '../lib/base-path.ts';

export function SignOut() {
  return (
    <form method="post" action={`${BASE_PATH}/sign-out`} className="flex">
      <button
        type="submit"
        aria-label="Sign out"
        title="Sign out"
        className="rounded-md p-1.5 text-ink-2 hover:bg-hover hover:text-ink"
      >
        <LogOut aria-hidden size={18} />
      </button>
    </form>
  );
}
