package io.contrastream.dashboard;

import io.contrastream.dashboard.feed.Follower;
import io.contrastream.dashboard.feed.LagWatch;
import io.contrastream.dashboard.feed.Stream;
import io.contrastream.dashboard.model.Board;
import io.contrastream.dashboard.model.Images;
import io.contrastream.dashboard.web.PageServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;

/** The live page. It can be opened as soon as it is there, and shows a stream as soon as it follows one. */
public final class Dashboard implements AutoCloseable {

    private final DashboardOptions options;
    private final Images images = new Images();
    private final Board board;
    private final PageServer server;
    private Follower follower;
    private LagWatch lag;

    private Dashboard(DashboardOptions options) throws IOException {
        this.options = options;
        this.board = new Board(options.points(), options.model());
        this.server = new PageServer(
                new InetSocketAddress(options.address(), options.port()), options.token(), board, images);
    }

    /**
     * Starts to serve it.
     *
     * @throws IOException if the address cannot be listened on
     */
    public static Dashboard start(DashboardOptions options) throws IOException {
        Dashboard dashboard = new Dashboard(options);
        dashboard.board.problem("waiting for Kafka");
        return dashboard;
    }

    /** Where to open it, with the token if one is needed. */
    public String url() {
        String host = options.address().isAnyLocalAddress()
                ? options.address().getHostAddress()
                : options.address().getHostName();
        String at = host.contains(":") ? "[" + host + "]" : host;
        return "http://" + at + ":" + server.port() + "/"
                + options.token().map(token -> "?token=" + token).orElse("");
    }

    /** Begins to follow a stream. To be called once. */
    public void follow(Stream stream) {
        server.readFrom(stream);
        follower = new Follower(stream, board, images);
        lag = new LagWatch(stream, board, Clock.systemUTC());
    }

    /**
     * Stops to follow it. The page shows what there was, and why there is nothing more.
     *
     * @param why for people
     */
    public void unfollow(String why) {
        if (follower != null) {
            follower.close();
            lag.close();
            follower = null;
        }
        board.problem(why);
    }

    @Override
    public void close() {
        unfollow("the page is no longer served");
        server.close();
    }
}
