import { html } from 'hono/html';
import type { Config } from '../../config.ts';
import type { Html, Section } from '../page.ts';
import type { Staff } from '../staff.ts';
import { type Language, languages, type Words } from '../words/words.ts';
import { assetPath, scripts } from './assets.ts';
import { csrfField } from './form.ts';
import { navigation } from './navigation.ts';
import { addressWith } from './table.ts';

/** What is the same on every page of this gateway. */
export type Frame = { bank: { nameFr: string; nameAr: string }; environment: Config['environment'] };

export type Layout = Frame & {
  title: string;
  words: Words;
  /** The page's own address, path and query, as a GET may ask for it: the language switch leads there. */
  address: string;
  content: Html;
  /** Stands above every page's title, as long as what it tells of. */
  banner?: Html | undefined;
  /** Said once, above the content. */
  notice?: string | undefined;
  /** Whoever is signed in; a page before sign-in has none of it. */
  visitor?: { staff: Staff; csrf: string; section: Section | undefined; sections: readonly Section[] } | undefined;
};

const signOutPath = '/sign-out';

/** A whole page. `String(await layout(…))` is what is sent. */
export function layout(page: Layout): Html {
  const { words, title, bank, environment, visitor } = page;
  const bankName = words.language === 'ar' ? bank.nameAr : bank.nameFr;
  return html`<!doctype html>
<html lang="${words.language}" dir="${words.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} · ${words.say('common.gateway')} · ${bankName}</title>
<link rel="icon" href="${assetPath('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath(words.direction === 'rtl' ? 'bootstrap.rtl.css' : 'bootstrap.css')}">
<link rel="stylesheet" href="${assetPath('look.css')}">
${scripts.map((name) => html`<script type="module" src="${assetPath(name)}"></script>`)}
</head>
<body>
<a class="skip-link" href="#main">${words.say('common.skip')}</a>
<header class="site-header">
${environment === 'production' ? '' : html`<p class="environment environment-${environment}">${words.say(`common.environment.${environment}`)}</p>`}
<div class="site-bar">
<a class="brand" href="/"><span class="brand-bank">${bankName}</span><span class="brand-name">${words.say('common.gateway')}</span></a>
${languageSwitch(page)}
${visitor === undefined ? '' : whoIsIn(words, visitor)}
</div>
${visitor === undefined ? '' : navigation(words, visitor.sections, visitor.section)}
</header>
<main id="main" tabindex="-1">
${page.banner ?? ''}
<h1>${title}</h1>
${page.notice === undefined ? '' : html`<div class="alert alert-success notice" role="status"><strong class="visually-hidden">${words.say('common.notice')}</strong> ${page.notice}</div>`}
${page.content}
</main>
<footer class="site-footer"><span>${bankName}</span><span>${words.say('common.algiers-time')}</span><span class="badge-environment environment-${environment}">${words.say(`common.environment-name.${environment}`)}</span></footer>
</body>
</html>`;
}

const languageNames: Record<Language, string> = { ar: 'العربية', fr: 'Français', en: 'English' };

const languageSwitch = ({ words, address }: Layout): Html =>
  html`<nav class="languages" aria-label="${words.say('common.language')}">${languages.map((language) =>
    language === words.language
      ? html`<span lang="${language}" aria-current="true">${languageNames[language]}</span>`
      : html`<a href="${inLanguage(address, language)}" lang="${language}" hreflang="${language}">${languageNames[language]}</a>`,
  )}</nav>`;

function inLanguage(address: string, language: Language): string {
  const [path = '/', query = ''] = address.split('?', 2);
  return addressWith(path, new URLSearchParams(query), { language });
}

const whoIsIn = (words: Words, { staff, csrf }: NonNullable<Layout['visitor']>): Html =>
  html`<div class="who"><span class="visually-hidden">${words.say('common.signed-in-as')}</span>
<span class="who-name"><bdi>${staff.name}</bdi></span>
<span class="who-roles">${staff.roles.map((role) => words.say(`common.role.${role}`)).join(' · ')} · ${agenciesOf(words, staff)}</span></div>
<form method="post" action="${signOutPath}" class="sign-out">${csrfField({ csrf })}<button type="submit" class="btn btn-sm">${words.say('common.sign-out')}</button></form>`;

function agenciesOf(words: Words, { agencies }: Staff): string {
  if (agencies === 'ALL') return words.say('common.all-agencies');
  return words.say('common.agencies', { count: agencies.length, codes: agencies.join(' ') });
}
