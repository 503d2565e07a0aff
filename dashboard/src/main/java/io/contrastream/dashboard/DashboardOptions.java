package io.contrastream.dashboard;

import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/**
 * How a page is served.
 *
 * @param address to listen on
 * @param port to listen on, 0 for a free one
 * @param token without which nothing is seen; never empty unless the address is of the loopback interface
 * @param points images whose embeddings are shown, from 100 to 60,000
 * @param model whose reports and releases are shown; empty for those of any
 */
public record DashboardOptions(
        InetAddress address, int port, Optional<String> token, int points, Optional<String> model) {

    /** Default number of images whose embeddings are shown. */
    public static final int POINTS = 20_000;

    private static final int TOKEN_BYTES = 18;

    /** @throws IllegalArgumentException naming the value and its range if one is out of it */
    public DashboardOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port must be from 0 to 65535, but is " + port);
        }
        if (points < 100 || points > 60_000) {
            throw new IllegalArgumentException("points must be from 100 to 60000, but is " + points);
        }
        if (token.isEmpty() && !address.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "address " + address.getHostAddress() + " is not of the loopback interface, and needs a token");
        }
        if (token.isPresent() && !token.get().matches("[A-Za-z0-9_-]{16,128}")) {
            throw new IllegalArgumentException(
                    "a token must be 16 to 128 letters, digits, '-' or '_', but this one is not");
        }
    }

    /** On a port of the loopback interface, without a token. */
    public static DashboardOptions local(int port) {
        return new DashboardOptions(InetAddress.getLoopbackAddress(), port, Optional.empty(), POINTS, Optional.empty());
    }

    /** A token that nobody can guess. */
    public static String newToken() {
        byte[] bytes = new byte[TOKEN_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
