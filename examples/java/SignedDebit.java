// A signed debit with the JDK alone (17 or later). It runs as it is:
//
//   java SignedDebit.java https://localhost:8443 ca.pem cnas.p12 cnas-signing-key.pem \
//       CNAS https://gateway.bank.example CNAS-2026-01-0000417 '{"mandateId":"...", ...}'
//
// The keystore's password comes from P12_PASSWORD; without it, the one of the development certificates is used.
// Printed are the status and the body. 200 and 201 mean paid, with the confirmation; 202 means not known yet: do not pay
// by another way, look again at the time that Retry-After says. After a time-out ask the same again, under the same
// end-to-end id: a new signature is made, and money moves at most once.

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.UUID;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class SignedDebit {
    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 8) {
            System.err.println("arguments: BASE_URL CA_PEM CLIENT_P12 SIGNING_KEY_PEM CREDITOR ISSUER END_TO_END_ID BODY");
            System.exit(2);
        }
        String baseUrl = arguments[0];
        SSLContext tls = mutualTls(Path.of(arguments[1]), Path.of(arguments[2]), password());
        byte[] signingKey = readPem(Path.of(arguments[3]));
        String path = "/v1/debits/" + arguments[6];
        // The digest is over these bytes, so exactly these are sent.
        byte[] body = arguments[7].getBytes(StandardCharsets.UTF_8);

        HttpClient client = HttpClient.newBuilder()
                .sslContext(tls)
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        HttpRequest request = HttpRequest.newBuilder(URI.create(baseUrl + path))
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json")
                .header("Request-Signature", signature(signingKey, arguments[4], arguments[5], "PUT", baseUrl + path, body))
                .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        System.out.println(answer.statusCode());
        System.out.println(answer.body());
    }

    /** A compact JWS over what is asked: who, of whom, when, which request, and the digest of its body. */
    private static String signature(byte[] key, String creditor, String issuer, String method, String url, byte[] body)
            throws Exception {
        String header = "{\"alg\":\"ES256\",\"kid\":\"" + thumbprint(key) + "\",\"typ\":\"request-signature+jwt\"}";
        String claims = "{\"iss\":" + quoted(creditor)
                + ",\"aud\":" + quoted(issuer)
                + ",\"iat\":" + Instant.now().getEpochSecond()
                + ",\"jti\":" + quoted(UUID.randomUUID().toString())
                + ",\"htm\":" + quoted(method)
                + ",\"htu\":" + quoted(url)
                + ",\"digest\":" + quoted(base64Url(sha256(body))) + "}";
        String input = base64Url(header.getBytes(StandardCharsets.UTF_8)) + "."
                + base64Url(claims.getBytes(StandardCharsets.UTF_8));
        PrivateKey privateKey = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key));
        // JWS wants the two numbers one after the other (P1363), not in DER as SHA256withECDSA makes them.
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(privateKey);
        signer.update(input.getBytes(StandardCharsets.US_ASCII));
        return input + "." + base64Url(signer.sign());
    }

    /** The key's name: RFC 7638, SHA-256 over its public members in alphabetical order. */
    private static String thumbprint(byte[] key) throws Exception {
        // A P-256 key in PKCS#8 ends with its public point: 04, x, y.
        int point = key.length - 65;
        if (point < 0 || key[point] != 4) {
            throw new IllegalArgumentException("the signing key is not EC P-256 in PKCS#8 with its public half");
        }
        String x = base64Url(Arrays.copyOfRange(key, point + 1, point + 33));
        String y = base64Url(Arrays.copyOfRange(key, point + 33, point + 65));
        String members = "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"" + x + "\",\"y\":\"" + y + "\"}";
        return base64Url(sha256(members.getBytes(StandardCharsets.UTF_8)));
    }

    /** Presents the client certificate, and trusts the bank's authority alone. The host name is checked too. */
    private static SSLContext mutualTls(Path authority, Path keyStoreFile, char[] password) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(keyStoreFile)) {
            own.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);

        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream file = Files.newInputStream(authority)) {
            for (Certificate certificate : CertificateFactory.getInstance("X.509").generateCertificates(file)) {
                trusted.setCertificateEntry("authority-" + trusted.size(), certificate);
            }
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);

        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static byte[] readPem(Path file) throws Exception {
        return Base64.getMimeDecoder().decode(Files.readString(file).replaceAll("-----[A-Z ]+-----", ""));
    }

    private static char[] password() {
        String given = System.getenv("P12_PASSWORD");
        return (given == null ? "development" : given).toCharArray();
    }

    private static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    private static String base64Url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
