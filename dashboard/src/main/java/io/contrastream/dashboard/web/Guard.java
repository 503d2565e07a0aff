package io.contrastream.dashboard.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Who may see the page. On the loopback interface all users of the machine, as long as the browser was told to go to this machine: a foreign
 * page that has a name resolve to 127.0.0.1 is turned away. Elsewhere, who has the token: the address that is printed has it as a query, which
 * becomes a cookie.
 */
final class Guard {

    static final String COOKIE = "contrastream-token";
    static final String QUERY = "token=";

    private static final Pattern LOOPBACK = Pattern.compile("(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d{1,5})?");

    private final Optional<String> token;
    private final boolean loopback;

    /**
     * A guard.
     *
     * @param token without which nothing is seen; empty if none is needed
     */
    Guard(InetAddress address, Optional<String> token) {
        this.token = token;
        this.loopback = address.isLoopbackAddress();
    }

    /** Whether a request is to be answered. */
    boolean admits(HttpExchange exchange) {
        if (loopback) {
            String host = exchange.getRequestHeaders().getFirst("Host");
            if (host == null || !LOOPBACK.matcher(host).matches()) {
                return false;
            }
        }
        return token.isEmpty() || isToken(cookie(exchange.getRequestHeaders())) || bringsToken(exchange);
    }

    /** Whether the token is in the request's address, from where it is to become a cookie. */
    boolean bringsToken(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        return token.isPresent()
                && query != null
                && query.startsWith(QUERY)
                && isToken(Optional.of(query.substring(QUERY.length())));
    }

    /** The cookie that opens the page to its browser alone. */
    String cookie() {
        return COOKIE + "=" + token.orElseThrow() + "; Path=/; HttpOnly; SameSite=Strict";
    }

    private static Optional<String> cookie(Headers headers) {
        return headers.getOrDefault("Cookie", List.of()).stream()
                .flatMap(line -> Pattern.compile(";\\s*").splitAsStream(line))
                .filter(pair -> pair.startsWith(COOKIE + "="))
                .map(pair -> pair.substring(COOKIE.length() + 1))
                .findFirst();
    }

    /** In a time that does not depend on how much of it is right. */
    private boolean isToken(Optional<String> given) {
        return given.isPresent()
                && MessageDigest.isEqual(
                        token.orElseThrow().getBytes(StandardCharsets.UTF_8),
                        given.get().getBytes(StandardCharsets.UTF_8));
    }
}
