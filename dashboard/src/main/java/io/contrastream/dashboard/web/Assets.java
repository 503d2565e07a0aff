package io.contrastream.dashboard.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The page's files, out of the jar: those that are named here and no others. */
final class Assets {

    private static final String FOLDER = "/io/contrastream/dashboard/page/";
    private static final String SCRIPT = "text/javascript; charset=utf-8";
    private static final String STYLE = "text/css; charset=utf-8";
    private static final Map<String, String> TYPES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "page.css", STYLE,
            "page.js", SCRIPT,
            "curves.js", SCRIPT,
            "map.js", SCRIPT,
            "panels.js", SCRIPT,
            "icon.svg", "image/svg+xml",
            "uplot/uPlot.iife.min.js", SCRIPT,
            "uplot/uPlot.min.css", STYLE,
            "uplot/LICENSE", "text/plain; charset=utf-8");

    private final Map<String, Asset> assets = new TreeMap<>();

    /** A file. */
    record Asset(String type, byte[] bytes) {}

    Assets() {
        TYPES.forEach((name, type) -> {
            try (InputStream in = Assets.class.getResourceAsStream(FOLDER + name)) {
                if (in == null) {
                    throw new IllegalStateException("the page's file " + name + " is not on the class path");
                }
                assets.put("/" + name, new Asset(type, in.readAllBytes()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        assets.put("/", assets.get("/index.html"));
    }

    /** The file at a path; empty if there is none. */
    Optional<Asset> at(String path) {
        return Optional.ofNullable(assets.get(path));
    }
}
