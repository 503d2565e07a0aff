package io.contrastream.dashboard.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.dashboard.model.Board;
import io.contrastream.dashboard.model.Images;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PageServerTest {

    private static final String TOKEN = "abcdefghijklmnop";

    private final HttpClient client = HttpClient.newHttpClient();
    private PageServer server;

    private PageServer start(Optional<String> token) throws IOException {
        server = new PageServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                token,
                new Board(1000, Optional.empty()),
                new Images());
        return server;
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String path, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void everyAnswerHasAPolicyThatAllowsWhatThisServerServesAndNoMore() throws Exception {
        start(Optional.empty());

        for (String path : new String[] {"/", "/page.js", "/nothing", "/image?slot=1", "/thumbnail?id=x"}) {
            HttpResponse<String> answer = get(path);
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "script-src 'self'", "require-trusted-types-for 'script'")
                    .doesNotContain("unsafe", "http", "*");
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        }
        assertThat(get("/").statusCode()).isEqualTo(200);
        assertThat(get("/").body())
                .contains("<title>Contrastream</title>")
                .doesNotContain("http://", "onclick", "style=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/../pom.xml", "/page.css/../../x", "/image?slot=7", "/image?slot=x"})
    void whatIsNotThereIsNotFound(String path) throws Exception {
        start(Optional.empty());

        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 404");
    }

    @Test
    void aPictureThatIsNotThereIsNoContent() throws Exception {
        start(Optional.empty());

        assertThat(get("/thumbnail?id=x").statusCode()).isEqualTo(204);
        assertThat(get("/thumbnail?slot=3").statusCode()).isEqualTo(204);
    }

    @Test
    void onlyGetIsAnswered() throws Exception {
        start(Optional.empty());

        assertThat(raw("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 405");
    }

    @Test
    void onTheLoopbackInterfaceAForeignNameThatResolvesToItIsTurnedAway() throws Exception {
        start(Optional.empty());

        assertThat(raw("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 403");
        assertThat(raw("GET / HTTP/1.1\r\nHost: 127.0.0.1:99\r\nConnection: close\r\n\r\n"))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void whoBringsTheTokenGetsACookieAndNobodyElseSeesAnything() throws Exception {
        start(Optional.of(TOKEN));

        assertThat(get("/").statusCode()).isEqualTo(403);
        assertThat(get("/page.js").statusCode()).isEqualTo(403);
        assertThat(get("/events").statusCode()).isEqualTo(403);
        assertThat(get("/?token=" + TOKEN + "x").statusCode()).isEqualTo(403);
        assertThat(get("/?token=").statusCode()).isEqualTo(403);
        assertThat(get("/health").statusCode()).isEqualTo(200);
        HttpResponse<String> answer = get("/?token=" + TOKEN);
        assertThat(answer.statusCode()).isEqualTo(303);
        assertThat(answer.headers().firstValue("Location")).contains("/");
        String cookie = answer.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
        assertThat(get("/", "Cookie", cookie.replaceAll(";.*", "")).statusCode())
                .isEqualTo(200);
        assertThat(get("/", "Cookie", "contrastream-token=wrong").statusCode()).isEqualTo(403);
    }

    @Test
    void aBrowserGetsTheWholeFirst() throws Exception {
        start(Optional.empty());

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            StringBuilder heard = new StringBuilder();
            byte[] buffer = new byte[4096];
            while (!heard.toString().contains("}\n\n")) {
                heard.append(new String(buffer, 0, socket.getInputStream().read(buffer), StandardCharsets.UTF_8));
            }
            assertThat(heard.toString()).contains("text/event-stream", "data: {", "\"whole\":true");
        }
    }

    private String raw(String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.UTF_8));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
