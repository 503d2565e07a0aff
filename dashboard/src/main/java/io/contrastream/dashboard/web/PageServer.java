package io.contrastream.dashboard.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.contrastream.dashboard.feed.Stream;
import io.contrastream.dashboard.model.Board;
import io.contrastream.dashboard.model.Images;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The page over HTTP: its files, events, answers about single images, and thumbnails. It only tells; nothing can be changed through it. */
public final class PageServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PageServer.class);
    private static final int MORE_THREADS = 16;

    private final HttpServer server;
    private final ExecutorService threads;
    private final Assets assets = new Assets();
    private final Events events;
    private final Thumbnails thumbnails;
    private final Board board;
    private final Guard guard;

    /**
     * Starts one.
     *
     * @param address to listen on; port 0 for a free one
     * @param token without which nothing is seen; empty if none is needed
     * @throws IOException if the address cannot be listened on
     */
    public PageServer(InetSocketAddress address, Optional<String> token, Board board, Images images)
            throws IOException {
        this.board = board;
        this.guard = new Guard(address.getAddress(), token);
        this.server = HttpServer.create(address, 0);
        this.events = new Events(board);
        this.thumbnails = new Thumbnails(images);
        AtomicInteger number = new AtomicInteger();
        this.threads = new ThreadPoolExecutor(
                0, Events.MOST + MORE_THREADS, 30, TimeUnit.SECONDS, new SynchronousQueue<>(), work -> {
                    Thread thread = new Thread(work, "contrastream-dashboard-http-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** The port that it listens on. */
    public int port() {
        return server.getAddress().getPort();
    }

    /** The address that it listens on. */
    public InetAddress address() {
        return server.getAddress().getAddress();
    }

    /** From where images are read that are not in memory. */
    public void readFrom(Stream stream) {
        thumbnails.readFrom(stream);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String method = exchange.getRequestMethod();
            if (!method.equals("GET") && !method.equals("HEAD")) {
                Reply.text(exchange, 405, "only GET and HEAD are answered");
            } else if (path.equals("/health")) {
                Reply.text(exchange, 200, "ok");
            } else if (!guard.admits(exchange)) {
                Reply.text(exchange, 403, "open the address that was printed when the page was started");
            } else if (guard.bringsToken(exchange)) {
                exchange.getResponseHeaders().set("Set-Cookie", guard.cookie());
                exchange.getResponseHeaders().set("Location", "/");
                Reply.text(exchange, 303, "the page is at /");
            } else if (path.equals("/events")) {
                events.serve(exchange);
            } else if (path.equals("/image")) {
                image(exchange);
            } else if (path.equals("/thumbnail")) {
                thumbnail(exchange);
            } else {
                Optional<Assets.Asset> asset = assets.at(path);
                if (asset.isPresent()) {
                    Reply.bytes(exchange, 200, asset.get().type(), asset.get().bytes());
                } else {
                    Reply.text(exchange, 404, "there is nothing here");
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.error("A request could not be answered", e);
            throw e;
        }
    }

    /** {@code /image?slot=7} or {@code /image?id=photo-17}. */
    private void image(HttpExchange exchange) throws IOException {
        int slot = argument(exchange, "slot")
                .map(PageServer::number)
                .or(() -> argument(exchange, "id").map(board::slot))
                .orElse(-1);
        Optional<ObjectNode> image = board.image(slot);
        if (image.isPresent()) {
            Reply.json(exchange, image.get());
        } else {
            Reply.text(exchange, 404, "the image is not among the newest embeddings");
        }
    }

    private static int number(String text) {
        return text.matches("\\d{1,6}") ? Integer.parseInt(text) : -1;
    }

    /** {@code /thumbnail?slot=7} or {@code /thumbnail?id=photo-17}. */
    private void thumbnail(HttpExchange exchange) throws IOException {
        Optional<byte[]> png = argument(exchange, "slot")
                .flatMap(slot -> board.id(number(slot)))
                .or(() -> argument(exchange, "id"))
                .flatMap(thumbnails::of);
        if (png.isPresent()) {
            Reply.bytes(exchange, 200, "image/png", png.get());
        } else {
            // No error, which a browser would tell in its console: an image may be older than what its topic keeps.
            Reply.bytes(exchange, 204, "image/png", new byte[0]);
        }
    }

    private static Optional<String> argument(HttpExchange exchange, String name) {
        String query = exchange.getRequestURI().getRawQuery();
        if (query == null) {
            return Optional.empty();
        }
        try {
            return Arrays.stream(query.split("&", -1))
                    .filter(pair -> pair.startsWith(name + "="))
                    .findFirst()
                    .map(pair -> URLDecoder.decode(pair.substring(name.length() + 1), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notEncoded) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        events.close();
        server.stop(0);
        threads.shutdownNow();
        thumbnails.close();
    }
}
