export {
  type CertificateLine,
  type CreditorLine,
  listCertificates as certificatesOf,
  listCreditors as creditorsOf,
  listSigningKeys as signingKeyLinesOf,
  type SigningKeyLine,
  selectCreditor as lookUpCreditor,
} from './creditors.sql.ts';
