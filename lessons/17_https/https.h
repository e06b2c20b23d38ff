/* https.h - TLS by somebody else: a child process for each connection.
 *
 *     https_open(&https, loop);
 *     options.tls = &https.tls;
 *     session_open(&session, loop, options);
 *
 *     request --- fd ---> openssl s_client === TLS ===> server:443
 *                              |
 *             <---- words ----- "CONNECTION ESTABLISHED", or why not
 *
 * asyncio has an ssl module, libc has none; what every machine has is a
 * program. Dialled means: the handshake is over, the chain of certificates
 * ends at one that is trusted, and the name in it is the one that was asked
 * for. Whatever goes wrong before that is the dial's error, and its time
 * counts as the dial's (sock_connect, connect).
 *
 * A process for each connection costs megabytes and milliseconds (measured
 * in the lesson's page). Left out: client certificates, ALPN, sessions that
 * are resumed. Made for OpenSSL 3: a program that does not know one of its
 * options says so, and that is the dial's error.
 */
#ifndef LAB_HTTPS_H
#define LAB_HTTPS_H

#include "09_session/session.h"
#include "17_https/child.h"

struct https {
    struct tls tls; /* for session_options */
    struct loop *loop;
    const char *program; /* NULL: openssl, found on PATH         */
    const char *ca_file; /* trusted, and nobody else: certificates
                            in PEM; NULL: what the program trusts */
    struct link connections;
    size_t started; /* children so far */
};

/* Nothing to close: children are tasks of the loop. Its end waits for them,
 * CHILD_GRACE_NS at most for those that are saying goodbye; the others are
 * killed. *https must stay until then, and until the session is closed.
 *
 * Errors of a request: E_SCHEME, there is no openssl; E_PROTOCOL, the
 * handshake failed, or the proof did ("tls example.com:443: certificate has
 * expired"); errno's if no server could be reached ("tls 127.0.0.1:9:
 * Connection refused"), or no child be started. Of response_read: E_EOF, the
 * connection was cut off in a body that says nothing of its size. */
void https_open(struct https *https, struct loop *loop);

#endif
