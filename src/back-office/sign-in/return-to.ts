/**
 * A path of ours, with its query, to which a person may be sent back; anything else is the overview. Read as a browser
 * would: `//elsewhere`, `/\elsewhere` and `/%09/elsewhere` with a bare tab lead away, however they look.
 */
export function localPath(asked: unknown): string {
  if (typeof asked !== 'string' || asked.length > 2000) return '/';
  if (!/^\/(?![/\\])[^\p{Cc}\p{Z}\\]*$/u.test(asked)) return '/';
  const read = URL.parse(asked, 'https://here.invalid');
  if (read === null || read.origin !== 'https://here.invalid' || read.pathname.startsWith('//')) return '/';
  // The sign-in's own addresses would go round in a circle.
  if (/^\/sign(-in|-out|ed-out)(\/|$)/.test(read.pathname)) return '/';
  return `${read.pathname}${read.search}${read.hash}`;
}
