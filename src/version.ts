import { readFileSync } from 'node:fs';

const read: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

/** The gateway's own version. */
export const version = read.version;
