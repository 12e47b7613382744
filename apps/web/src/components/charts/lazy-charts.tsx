'use client';

import dynamic from 'next/dynamic';

// The chart library is most of a page's code, and charts have nothing to show before the first samples.
export const LazyCharts = dynamic(async () => (await import('./charts.tsx')).Charts, {
  ssr: false,
  loading: () => <div aria-hidden className="h-[46rem] flex-none" />,
});
