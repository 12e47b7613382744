import { join } from 'node:path';

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  outputFileTracingRoot: join(import.meta.dirname, '../..'),
  turbopack: { root: join(import.meta.dirname, '../..') },
  transpilePackages: ['@plimsoll/protocol'],
  // TypeScript 7 has no JavaScript API for Next to call: `npm run check` does the checking.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  devIndicators: false,
  images: { unoptimized: true },
};
