// What Swift cannot import from libresolv: its macros, and the state with its unions.
#pragma once
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <string.h>

/// Asks for the records of one type at a name as it is, without a search list; each try waits `seconds`. `server` (dotted
/// IPv4) and `port` stand in for /etc/resolv.conf; NULL for what that says.
///
/// Returns the answer's length; -1 where there is none, and `*failure` is then of h_errno's words.
static inline int waypost_resolve(
    const char *name, int type, int seconds, const char *server, unsigned short port, unsigned char *answer, int size,
    int *failure) {
    struct __res_state state;
    memset(&state, 0, sizeof state);
    *failure = NETDB_INTERNAL;
    if (res_ninit(&state) != 0) return -1;
    state.options &= ~(unsigned long)(RES_DNSRCH | RES_DEFNAMES);
    state.options |= RES_USE_EDNS0;
    state.retrans = seconds;
    state.retry = 1;
    if (state.nscount > 2) state.nscount = 2;
    if (server != NULL) {
        state.nscount = 1;
        state.nsaddr_list[0].sin_family = AF_INET;
        state.nsaddr_list[0].sin_port = htons(port);
        inet_pton(AF_INET, server, &state.nsaddr_list[0].sin_addr);
    }
    int length = res_nquery(&state, name, ns_c_in, type, answer, size);
    *failure = state.res_h_errno;
    res_nclose(&state);
    return length;
}
