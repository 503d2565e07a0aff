package io.contrastream.dashboard.web;

import com.sun.net.httpserver.HttpExchange;
import io.contrastream.dashboard.model.Board;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events: every browser that is connected gets the whole once, then what has changed, once a second. One that is too slow to take
 * them gets the whole again.
 */
final class Events implements AutoCloseable {

    /** Browsers that are served at a time; each has a thread. */
    static final int MOST = 64;

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int WAITING = 4;

    private final Board board;
    private final List<Browser> browsers = new CopyOnWriteArrayList<>();
    private final Thread ticker = new Thread(this::tick, "contrastream-dashboard-events");
    private volatile boolean closed;

    private static final class Browser {
        private final BlockingQueue<byte[]> events = new ArrayBlockingQueue<>(WAITING);
        private volatile boolean needsAll = true;
    }

    Events(Board board) {
        this.board = board;
        ticker.setDaemon(true);
        ticker.start();
    }

    private void tick() {
        try {
            while (true) {
                if (!browsers.isEmpty()) {
                    tell();
                }
                Thread.sleep(TICK.toMillis());
            }
        } catch (InterruptedException closing) {
            // That is its end.
        }
    }

    private void tell() {
        try {
            byte[] changes = null;
            byte[] all = null;
            for (Browser browser : browsers) {
                if (browser.needsAll) {
                    continue;
                }
                if (changes == null) {
                    changes = event(board.changes().toString());
                }
                if (!browser.events.offer(changes)) {
                    browser.events.clear();
                    browser.needsAll = true;
                }
            }
            for (Browser browser : browsers) {
                if (browser.needsAll) {
                    if (all == null) {
                        all = event(board.all().toString());
                    }
                    browser.needsAll = !browser.events.offer(all);
                }
            }
        } catch (RuntimeException e) {
            LOG.error("The page was not told what has changed", e);
            browsers.forEach(browser -> browser.needsAll = true);
        }
    }

    private static byte[] event(String json) {
        return ("data: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    /** Serves a browser for as long as it is connected. */
    void serve(HttpExchange exchange) throws IOException, InterruptedException {
        Browser browser = new Browser();
        if (browsers.size() >= MOST) {
            Reply.text(exchange, 503, "as many browsers are connected as are served at a time: " + MOST);
            return;
        }
        Reply.headers(exchange, "text/event-stream; charset=utf-8");
        exchange.sendResponseHeaders(200, 0);
        browsers.add(browser);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write("retry: 2000\n\n".getBytes(StandardCharsets.UTF_8));
            out.flush();
            while (!closed) {
                out.write(browser.events.take());
                out.flush();
            }
        } finally {
            browsers.remove(browser);
        }
    }

    @Override
    public void close() {
        closed = true;
        ticker.interrupt();
    }
}
