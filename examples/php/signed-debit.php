<?php
// A signed debit with PHP 8 and its extensions openssl and curl:
//
//   php signed-debit.php https://localhost:8443 ca.pem cnas.pem cnas-key.pem cnas-signing-key.pem \
//       CNAS https://gateway.bank.example CNAS-2026-01-0000417 '{"mandateId":"...", ...}'
//
// Printed are the status and the body. 200 and 201 mean paid, with the confirmation; 202 means not known yet: do not pay
// by another way, look again at the time that Retry-After says. After a time-out ask the same again, under the same
// end-to-end id: a new signature is made, and money moves at most once.

declare(strict_types=1);

if ($argc !== 10) {
    fwrite(STDERR, "arguments: BASE_URL CA_PEM CLIENT_PEM CLIENT_KEY_PEM SIGNING_KEY_PEM CREDITOR ISSUER END_TO_END_ID BODY\n");
    exit(2);
}
[, $baseUrl, $authority, $certificate, $certificateKey, $signingKeyFile, $creditor, $issuer, $endToEndId, $body] = $argv;
$signingKey = openssl_pkey_get_private((string) file_get_contents($signingKeyFile));
if ($signingKey === false) {
    fwrite(STDERR, "the signing key can not be read\n");
    exit(2);
}
$url = "$baseUrl/v1/debits/$endToEndId";

$request = curl_init($url);
curl_setopt_array($request, [
    CURLOPT_CUSTOMREQUEST => 'PUT',
    // The digest is over these bytes, so exactly these are sent.
    CURLOPT_POSTFIELDS => $body,
    CURLOPT_HTTPHEADER => [
        'Content-Type: application/json',
        'Request-Signature: ' . requestSignature($signingKey, $creditor, $issuer, 'PUT', $url, $body),
    ],
    CURLOPT_HTTP_VERSION => CURL_HTTP_VERSION_1_1,
    // Presents the client certificate, and trusts the bank's authority alone. The host name is checked too.
    CURLOPT_SSLCERT => $certificate,
    CURLOPT_SSLKEY => $certificateKey,
    CURLOPT_CAINFO => $authority,
    CURLOPT_SSL_VERIFYPEER => true,
    CURLOPT_SSL_VERIFYHOST => 2,
    CURLOPT_CONNECTTIMEOUT => 5,
    CURLOPT_TIMEOUT => 30,
    CURLOPT_RETURNTRANSFER => true,
]);
$answer = curl_exec($request);
if (!is_string($answer)) {
    fwrite(STDERR, curl_error($request) . "\n");
    exit(1);
}
echo curl_getinfo($request, CURLINFO_RESPONSE_CODE), "\n", $answer, "\n";

/** A compact JWS over what is asked: who, of whom, when, which request, and the digest of its body. */
function requestSignature(
    OpenSSLAsymmetricKey $key,
    string $creditor,
    string $issuer,
    string $method,
    string $url,
    string $body
): string {
    $header = ['alg' => 'ES256', 'kid' => thumbprint($key), 'typ' => 'request-signature+jwt'];
    $claims = [
        'iss' => $creditor,
        'aud' => $issuer,
        'iat' => time(),
        'jti' => bin2hex(random_bytes(16)),
        'htm' => $method,
        'htu' => $url,
        'digest' => base64Url(hash('sha256', $body, true)),
    ];
    $input = base64Url(json($header)) . '.' . base64Url(json($claims));
    if (!openssl_sign($input, $der, $key, OPENSSL_ALGO_SHA256)) {
        throw new RuntimeException('the signing key does not sign');
    }
    return $input . '.' . base64Url(rawSignature($der));
}

/** The key's name: RFC 7638, SHA-256 over its public members in alphabetical order. */
function thumbprint(OpenSSLAsymmetricKey $key): string
{
    $ec = openssl_pkey_get_details($key)['ec'] ?? null;
    if (($ec['curve_name'] ?? '') !== 'prime256v1') {
        throw new InvalidArgumentException('the signing key is not EC P-256');
    }
    return base64Url(hash('sha256', json([
        'crv' => 'P-256',
        'kty' => 'EC',
        'x' => base64Url(number32($ec['x'])),
        'y' => base64Url(number32($ec['y'])),
    ]), true));
}

/** JWS wants the two numbers one after the other; OpenSSL gives DER: 30 length, 02 length r, 02 length s. */
function rawSignature(string $der): string
{
    $lengthOfR = ord($der[3]);
    $r = substr($der, 4, $lengthOfR);
    $s = substr($der, 4 + $lengthOfR + 2);
    return number32($r) . number32($s);
}

/** 32 bytes: DER puts a zero before a number that would look negative, and leaves leading zeros out. */
function number32(string $number): string
{
    return str_pad(ltrim($number, "\0"), 32, "\0", STR_PAD_LEFT);
}

function json(array $members): string
{
    return json_encode($members, JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
}

function base64Url(string $bytes): string
{
    return rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
}
