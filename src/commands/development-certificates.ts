import {
  developmentFolder,
  developmentPassword,
  ensureDevelopmentCertificates,
} from '../../certs-dev/development-certificates.ts';

/** `npm run certs`: makes what is missing of the development PKI. */
const made = await ensureDevelopmentCertificates();
console.log(made.length === 0 ? 'Nothing was missing' : made.map((name) => `made ${name}`).join('\n'));
console.log(`${developmentFolder}; the password of every .p12 is "${developmentPassword}"`);
