import { join } from 'node:path';

/** Of the launcher, which has checked it. It is built in: links, assets and the router of the browser depend on it. */
const basePath = process.env['PLIMSOLL_BASE_PATH'] ?? '';

/** @type {import('next').NextConfig} */
export default {
  output: 'standalone',
  basePath,
  env: { NEXT_PUBLIC_BASE_PATH: basePath },
  outputFileTracingRoot: join(import.meta.dirname, '../..'),
  turbopack: { root: join(import.meta.dirname, '../..') },
  transpilePackages: ['@plimsoll/protocol'],
  // TypeScript 7 has no JavaScript API for Next to call: `npm run check` does the checking.
  typescript: { ignoreBuildErrors: true },
  poweredByHeader: false,
  devIndicators: false,
  images: { unoptimized: true },
};
