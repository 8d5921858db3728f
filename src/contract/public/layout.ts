import { html } from 'hono/html';
import type { Html } from './text.ts';

export type Page = { title: string; here: 'documentation' | 'types' | 'problems'; aside: Html; content: Html };

/** A whole page. No script, no inline style, nothing from elsewhere: the policy of the door allows none of them. */
export const layout = ({ title, here, aside, content }: Page): Html => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · CNAS debit gateway</title>
<link rel="stylesheet" href="/assets/style.css">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#content">Skip to the content</a>
<header class="top">
<a class="name" href="/"><img src="/assets/icon.svg" alt="" width="28" height="28"> CNAS debit gateway</a>
<nav aria-label="Pages">
${tab('/', 'Documentation', here === 'documentation')}
${tab('/types', 'Types', here === 'types')}
${tab('/problems', 'Problems', here === 'problems')}
<a href="/openapi.yaml">YAML</a>
<a href="/openapi.json">JSON</a>
<a href="/.well-known/jwks.json">Keys</a>
</nav>
</header>
<div class="columns">
<nav class="aside" aria-label="On this page">${aside}</nav>
<main id="content">${content}</main>
</div>
</body>
</html>
`;

const tab = (address: string, name: string, current: boolean): Html =>
  current ? html`<a href="${address}" aria-current="page">${name}</a>` : html`<a href="${address}">${name}</a>`;
