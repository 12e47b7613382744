import Link from 'next/link';

const PLACES = [
  { href: '/kernel', label: 'Cgroups' },
  { href: '/namespaces', label: 'Namespaces' },
] as const;

/** The two sides from which the kernel looks at who is apart from whom. */
export function KernelPlaces({ here }: { here: (typeof PLACES)[number]['href'] }) {
  return (
    <nav aria-label="Of the kernel" className="flex h-8 rounded-md border border-line-strong bg-surface text-13">
      {PLACES.map(({ href, label }) => (
        <Link
          key={href}
          href={href}
          aria-current={href === here ? 'page' : undefined}
          className="flex items-center border-r border-line px-2.5 whitespace-nowrap text-ink-2 -outline-offset-2 last:border-r-0 hover:bg-hover aria-[current=page]:bg-accent-soft aria-[current=page]:font-medium aria-[current=page]:text-accent"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
