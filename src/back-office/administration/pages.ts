import type { BackOfficePage } from '../page.ts';
import { roles } from '../staff.ts';
import {
  type CalendarForm,
  feastWithdrawal,
  openCalendarForm,
  postCalendar,
  postFeastWithdrawal,
} from './calendar-forms.ts';
import { calendarPage } from './calendar-page.ts';
import { certificateForm, postCertificate, postWithdrawal, withdrawalForm } from './certificate-forms.ts';
import { accountForm, newCreditorForm, postAccount, postNewCreditor } from './creditor-forms.ts';
import { creditorPage, creditorsPage, recordFile } from './creditor-pages.ts';
import { exportDeliveries } from './deliveries.ts';
import { exportCertificates, exportCreditors, exportFeasts, exportSigningKeys, exportStops } from './exports.ts';
import { homePage } from './home.ts';
import { keyForm, postKey } from './key-forms.ts';
import { exportOwnKeys, ownKeysPage } from './own-keys.ts';
import { type AdministrationParts, administrators, fresh, get, lookers, post } from './shared.ts';
import { postStart, postStop, stopForm } from './stop-form.ts';
import { stopPage, stopsPage } from './stop-pages.ts';
import { starters, stoppers } from './stop-roles.ts';
import { postRetry, postWebhook, webhookPage, webhooksPage } from './webhook-pages.ts';

/** What is administered, and the stop. */
export function administrationPages(parts: AdministrationParts): BackOfficePage[] {
  return [
    get('/administration', lookers, (visit) => homePage(parts, visit)),
    get('/administration/creditors', lookers, (visit) => creditorsPage(parts, visit)),
    get('/administration/creditors/:creditorCode', lookers, (visit) => creditorPage(parts, visit)),
    get(`${keys}/:thumbprint/record`, lookers, (visit) => recordFile(parts, visit)),
    get('/administration/creditors/export', lookers, (visit) => exportCreditors(parts, visit)),
    get(`${certificates}/export`, lookers, (visit) => exportCertificates(parts, visit)),
    get(`${keys}/export`, lookers, (visit) => exportSigningKeys(parts, visit)),
    get('/administration/keys/export', lookers, (visit) => exportOwnKeys(parts, visit)),
    get('/administration/calendar/export', lookers, (visit) => exportFeasts(parts, visit)),
    get('/stops/export', roles, (visit) => exportStops(parts, visit)),
    get('/administration/keys', lookers, (visit) => ownKeysPage(parts, visit)),
    get('/administration/webhooks', lookers, (visit) => webhooksPage(parts, visit)),
    get('/administration/webhooks/:creditorCode', lookers, (visit) => webhookPage(parts, visit)),
    get('/administration/webhooks/:creditorCode/export', lookers, (visit) => exportDeliveries(parts, visit)),
    post('/administration/webhooks/:creditorCode/retry', administrators, (visit) => postRetry(parts, visit)),
    ...fresh(
      post('/administration/webhooks/:creditorCode/registration', administrators, (visit) => postWebhook(parts, visit)),
    ),
    ...fresh(...clientPages(parts)),
    ...calendarPages(parts),
    ...stopPages(parts),
  ];
}

const certificates = '/administration/creditors/:creditorCode/certificates';
const keys = '/administration/creditors/:creditorCode/signing-keys';

/** Everything that changes keys or clients. */
const clientPages = (parts: AdministrationParts): BackOfficePage[] => [
  get('/administration/creditors/new', administrators, (visit) => newCreditorForm(parts, visit)),
  post('/administration/creditors/new', administrators, (visit) => postNewCreditor(parts, visit)),
  get('/administration/creditors/:creditorCode/account', administrators, (visit) => accountForm(parts, visit)),
  post('/administration/creditors/:creditorCode/account', administrators, (visit) => postAccount(parts, visit)),
  get(`${certificates}/new`, administrators, (visit) => certificateForm(parts, visit)),
  {
    ...post(`${certificates}/new`, administrators, (visit) => postCertificate(parts, visit)),
    uploads: { fields: ['file'], maximumBytes: 20_000 },
  },
  get(`${certificates}/:thumbprint/withdrawal`, administrators, (visit) =>
    withdrawalForm(parts, visit, 'client.withdrawal'),
  ),
  post(`${certificates}/:thumbprint/withdrawal`, administrators, (visit) =>
    postWithdrawal(parts, visit, 'client.withdrawal'),
  ),
  get(`${keys}/new`, administrators, (visit) => keyForm(parts, visit)),
  {
    ...post(`${keys}/new`, administrators, (visit) => postKey(parts, visit)),
    uploads: { fields: ['keyFile', 'recordFile'], maximumBytes: 20_000 },
  },
  get(`${keys}/:thumbprint/withdrawal`, administrators, (visit) =>
    withdrawalForm(parts, visit, 'signing-key.withdrawal'),
  ),
  post(`${keys}/:thumbprint/withdrawal`, administrators, (visit) =>
    postWithdrawal(parts, visit, 'signing-key.withdrawal'),
  ),
];

const calendarKinds: readonly CalendarForm[] = ['feasts', 'weeks', 'core'];

const calendarPages = (parts: AdministrationParts): BackOfficePage[] => [
  get('/administration/calendar', lookers, (visit) => calendarPage(parts, visit)),
  ...calendarKinds.flatMap((kind) => [
    get(`/administration/calendar/${kind}/new`, administrators, (visit) => openCalendarForm(parts, visit, kind)),
    post(`/administration/calendar/${kind}/new`, administrators, (visit) => postCalendar(parts, visit, kind)),
  ]),
  get('/administration/calendar/feasts/:feastId/withdrawal', administrators, (visit) => feastWithdrawal(parts, visit)),
  post('/administration/calendar/feasts/:feastId/withdrawal', administrators, (visit) =>
    postFeastWithdrawal(parts, visit),
  ),
];

/** To stop asks for no fresh sign-in: it must be quick, and it moves nothing. To start again does. */
const stopPages = (parts: AdministrationParts): BackOfficePage[] => [
  get('/stops', roles, (visit) => stopsPage(parts, visit)),
  get('/stops/new', stoppers, (visit) => stopForm(parts, visit)),
  post('/stops/new', stoppers, (visit) => postStop(parts, visit)),
  get('/stops/:stopId', roles, (visit) => stopPage(parts, visit)),
  ...fresh(post('/stops/:stopId/start', starters, (visit) => postStart(parts, visit))),
];
