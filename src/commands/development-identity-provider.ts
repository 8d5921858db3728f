import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import path from 'node:path';
import express, { type Express } from 'express';
import helmet from 'helmet';
import { html } from 'hono/html';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { holdFolder } from '../../certs-dev/hold-folder.ts';
import { openProviderFetch } from '../back-office/sign-in/provider-fetch.ts';
import { openProviderStore } from './development-provider-store.ts';
import { type DevelopmentPerson, developmentStaff } from './development-staff.ts';

export type DevelopmentIdentityProvider = AsyncDisposable & {
  issuer: string;
  /** The settings with which a gateway signs its staff in here. */
  settings: Readonly<Record<string, string>>;
  /** Begins to answer, for the back office of this origin; until then it is away, and after `stop` again. */
  serve: (backOfficeOrigin: string) => Promise<void>;
  stop: () => void;
};

export type DevelopmentProviderParts = {
  /** 0 takes a free one. */
  port: number;
  /** The development certificates' folder. */
  certificates: string;
  people?: readonly DevelopmentPerson[];
};

const clientId = 'cnas-debit-gateway';

/**
 * An identity provider for this machine: a real one but for the password, which it does not ask for. Never for
 * production: its package is not there, and it lets anyone in as anyone.
 */
export async function openDevelopmentIdentityProvider(
  parts: DevelopmentProviderParts,
): Promise<DevelopmentIdentityProvider> {
  const { certificates, people = developmentStaff } = parts;
  const read = (name: string) => readFile(path.join(certificates, name), 'utf8');
  const [cert, key, authorities] = await Promise.all([read('server.pem'), read('server-key.pem'), read('ca.pem')]);
  const secretFile = path.join(certificates, 'sign-in-secret');
  const { secret, signingKey } = await keptSecrets(certificates, secretFile);
  let app: Express | undefined;
  const server = createServer({ cert, key, minVersion: 'TLSv1.2' }, (request, response) => {
    if (app === undefined) response.writeHead(503).end();
    else app(request, response);
  });
  server.listen(parts.port, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the identity provider has no port');
  const issuer = `https://localhost:${address.port}`;
  return {
    issuer,
    settings: {
      GATEWAY_SIGN_IN_ISSUER: issuer,
      GATEWAY_SIGN_IN_CLIENT_ID: clientId,
      GATEWAY_SIGN_IN_CLIENT_SECRET_FILE: secretFile,
      GATEWAY_SIGN_IN_AUTHORITIES_FILE: path.join(certificates, 'ca.pem'),
    },
    async serve(backOfficeOrigin) {
      const settings = configuration({ secret, signingKey, authorities, backOfficeOrigin, people });
      app = application(new Provider(issuer, settings), people, backOfficeOrigin);
    },
    stop() {
      app = undefined;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The same for every start, or the sessions of before would be no good. Two programs that start at once wait for each other. */
async function keptSecrets(certificates: string, secretFile: string): Promise<{ secret: string; signingKey: object }> {
  await using _hold = await holdFolder(certificates);
  const secret = await kept(secretFile, newSecret);
  return { secret, signingKey: JSON.parse(await kept(path.join(certificates, 'sign-in-key.json'), newSigningKey)) };
}

async function kept(file: string, make: () => Promise<string>): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  const made = await make();
  await writeFile(file, `${made}\n`, { mode: 0o600 });
  return made;
}

const newSecret = async () => randomBytes(32).toString('base64url');

async function newSigningKey(): Promise<string> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const kid = randomBytes(8).toString('hex');
  return JSON.stringify({ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid });
}

type ConfigurationParts = {
  secret: string;
  signingKey: object;
  authorities: string;
  backOfficeOrigin: string;
  people: readonly DevelopmentPerson[];
};

function configuration(parts: ConfigurationParts): Configuration {
  const { secret, signingKey, authorities, backOfficeOrigin, people } = parts;
  const fetch = openProviderFetch({ authorities });
  return {
    adapter: openProviderStore(),
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    clients: [
      {
        client_id: clientId,
        client_secret: secret,
        redirect_uris: [`${backOfficeOrigin}/sign-in/return`],
        post_logout_redirect_uris: [`${backOfficeOrigin}/signed-out`],
        backchannel_logout_uri: `${backOfficeOrigin}/sign-in/back-channel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'agencies'] },
    // Names, roles and agencies in the ID token, as most providers of banks have them.
    conformIdTokenClaims: false,
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: async (context, form) => {
          context.body = await page(
            'Sign out',
            html`<p>End the session at the identity provider as well?</p>${logoutForm(form)}`,
          );
        },
        postLogoutSuccessSource: async (context) => {
          context.body = await page('Signed out', html`<p>The session has ended.</p>`);
        },
      },
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, subject) => {
      const person = people.find((one) => one.subject === subject);
      if (person === undefined) return undefined;
      const { name, roles, agencies } = person;
      return { accountId: subject, claims: async () => ({ sub: subject, name, roles, agencies }) };
    },
    // One client, the bank's own: nobody is asked for consent.
    async loadExistingGrant({ oidc }) {
      const { client, session, provider } = oidc;
      if (client === undefined || session?.accountId === undefined) return undefined;
      const known = session.grantIdFor(client.clientId);
      if (known !== undefined) return provider.Grant.find(known);
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope('openid profile');
      await grant.save();
      return grant;
    },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600,
      AuthorizationCode: 60,
      Grant: 43_200,
      IdToken: 3_600,
      Interaction: 1_800,
      Session: 43_200,
    },
    renderError: async (context, out) => {
      context.type = 'html';
      context.body = await page('This did not work', html`<p>${out.error}: ${out.error_description ?? ''}</p>`);
    },
    fetch: async (url, options) => fetch(url instanceof Request ? url.url : url, options ?? {}),
  };
}

/** The library's form, written again: its own comes as text. */
function logoutForm(given: string) {
  const value = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(given)?.[1] ?? '';
  return html`<form method="post" action="${value('action')}"><input type="hidden" name="xsrf" value="${value('value')}">
    <p><button type="submit" name="logout" value="yes">Sign out</button></p></form>`;
}

function application(provider: Provider, people: readonly DevelopmentPerson[], backOfficeOrigin: string): Express {
  const app = express();
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          'default-src': ["'none'"],
          'form-action': ["'self'", backOfficeOrigin],
          'frame-ancestors': ["'none'"],
          'base-uri': ["'none'"],
        },
      },
    }),
  );
  app.get('/interaction/:uid', async (request, response) => {
    const { uid } = await provider.interactionDetails(request, response);
    response.set('Cache-Control', 'no-store').send(await signInPage(uid, people));
  });
  app.post('/interaction/:uid', express.urlencoded({ extended: false, limit: 4_096 }), async (request, response) => {
    const interaction = await provider.interactionDetails(request, response);
    const body: unknown = request.body;
    const sent = new Map<string, unknown>(Object.entries({ ...(typeof body === 'object' ? body : {}) }));
    const person = sent.has('cancel') ? undefined : people.find(({ subject }) => subject === sent.get('subject'));
    if (person !== undefined && interaction.session?.accountId !== person.subject) {
      // Another person takes over: the library would ask by a script to end the session of the one before.
      const before = interaction.session && (await provider.Session.findByUid(interaction.session.uid));
      await before?.destroy();
      delete interaction.session;
      await interaction.save(1_800);
    }
    const result =
      person === undefined
        ? { error: 'access_denied', error_description: 'nobody was chosen' }
        : { login: { accountId: person.subject, remember: true } };
    await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  });
  app.use(provider.callback());
  return app;
}

const signInPage = (uid: string, people: readonly DevelopmentPerson[]): Promise<string> =>
  page(
    'Development sign-in',
    html`<p>This identity provider is for development: it asks for no password.</p>
      <form method="post" action="/interaction/${uid}">
        <fieldset><legend>Who are you?</legend>
        ${people.map(
          ({ subject, name, roles, agencies }, position) =>
            html`<p><label><input type="radio" name="subject" value="${subject}" ${position === 0 ? 'checked' : ''}>
              ${name} <small>(${subject}; ${roles.join(', ') || 'no role'}; ${agencies.join(', ') || 'no agency'})</small></label></p>`,
        )}
        </fieldset>
        <p><button type="submit">Sign in</button> <button type="submit" name="cancel" value="yes">Cancel</button></p>
      </form>`,
  );

async function page(title: string, content: ReturnType<typeof html>): Promise<string> {
  return String(
    await html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head><body><main><h1>${title}</h1>${content}</main></body></html>`,
  );
}
