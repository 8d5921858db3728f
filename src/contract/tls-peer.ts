import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { clientFaultOf, thumbprintOfCertificate } from '../clients/certificates.ts';

/** Why a connection was not taken: the labels of a metric, so a closed set. */
export type TlsRefusal =
  | 'no-certificate'
  | 'untrusted'
  | 'expired'
  | 'not-yet-valid'
  | 'wrong-usage'
  | 'weak-key'
  | 'protocol'
  | 'timeout'
  | 'aborted'
  | 'too-many-connections'
  | 'other';

/** What OpenSSL leaves open: a certificate that names no usage at all, and curves below P-256. */
export function checkPeer(socket: TLSSocket): { thumbprint: string } | { refusal: TlsRefusal } {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined || !socket.authorized) return { refusal: 'no-certificate' };
  const fault = clientFaultOf(certificate);
  if (fault !== undefined) return { refusal: fault === 'WEAK_KEY' ? 'weak-key' : 'wrong-usage' };
  return { thumbprint: thumbprintOfCertificate(certificate) };
}

/** By X509_verify_cert's codes as Node names them; an EE key or digest too weak for the security level has no name there. */
const byVerification: Readonly<Record<string, TlsRefusal>> = {
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not-yet-valid',
  INVALID_PURPOSE: 'wrong-usage',
  UNSPECIFIED: 'weak-key',
};
const byHandshake: Readonly<Record<string, TlsRefusal>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'no-certificate',
  ERR_SSL_WRONG_CURVE: 'weak-key',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'timeout',
  ECONNRESET: 'aborted',
};

/** Why a handshake failed. Node tells it in two places: what OpenSSL said of the certificate, and the error itself. */
export function refusalOf(error: Error, socket: TLSSocket): TlsRefusal {
  // Its type says Error; seen: it is the verification's code.
  const verification: unknown = socket.authorizationError;
  if (typeof verification === 'string') return byVerification[verification] ?? 'untrusted';
  const code = 'code' in error ? String(error.code) : '';
  return byHandshake[code] ?? (code.startsWith('ERR_SSL_') ? 'protocol' : 'other');
}

const thumbprints = new WeakMap<Socket, string>();

export const rememberPeer = (socket: Socket, thumbprint: string): unknown => thumbprints.set(socket, thumbprint);

/** Who is at the other end: from the handshake alone, never from a header. Absent where no certificate was asked for. */
export const thumbprintOf = (socket: Socket): string | undefined => thumbprints.get(socket);
