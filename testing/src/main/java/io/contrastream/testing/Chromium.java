package io.contrastream.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A headless Chromium in a process of its own, driven over its DevTools protocol. It leaves nothing behind. */
public final class Chromium implements AutoCloseable {

    private static final List<String> NAMES =
            List.of("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ChildProcess process;
    private final Path profile;
    private final String address;
    private final List<BrowserPage> pages = new ArrayList<>();

    private Chromium(ChildProcess process, Path profile, String address) {
        this.process = process;
        this.profile = profile;
        this.address = address;
    }

    /** The browser of this machine: that which the variable CHROMIUM names, or one on the path; empty if there is none. */
    public static Optional<Path> find() {
        String named = System.getenv("CHROMIUM");
        if (named != null && !named.isEmpty()) {
            return Optional.of(Path.of(named));
        }
        return NAMES.stream()
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * Starts it and returns when it can be driven.
     *
     * @param logs folder for its output
     * @throws AssertionError if it does not start
     */
    public static Chromium start(Path logs) throws Exception {
        Path browser = find().orElseThrow(() -> new IllegalStateException("there is no Chromium on the path"));
        Path profile = Files.createTempDirectory("contrastream-chromium-");
        List<String> command = new ArrayList<>(List.of(
                browser.toString(),
                "--headless=new",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--no-first-run",
                "--no-default-browser-check",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--hide-scrollbars",
                "--force-color-profile=srgb",
                "about:blank"));
        if (System.getProperty("user.name").equals("root")) {
            // Its sandbox refuses root, in whose place containers of tests run.
            command.add(1, "--no-sandbox");
        }
        ChildProcess process = ChildProcess.start("chromium", logs, Map.of(), command);
        try {
            Path port = profile.resolve("DevToolsActivePort");
            Await.until("Chromium can be driven", PATIENCE, () -> {
                if (!process.isAlive()) {
                    throw new AssertionError(process + " has ended: " + process.output());
                }
                return Files.exists(port) && Files.readAllLines(port).size() >= 2;
            });
            return new Chromium(
                    process,
                    profile,
                    "http://127.0.0.1:" + Files.readAllLines(port).get(0));
        } catch (Exception | AssertionError e) {
            process.close();
            throw e;
        }
    }

    /** Opens an empty page. */
    public BrowserPage open() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/json/new?about:blank"))
                .PUT(HttpRequest.BodyPublishers.noBody())
                .build();
        String answer = HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofString())
                .body();
        JsonNode target = new ObjectMapper().readTree(answer);
        BrowserPage page =
                new BrowserPage(URI.create(target.get("webSocketDebuggerUrl").asText()));
        pages.add(page);
        return page;
    }

    @Override
    public void close() {
        pages.forEach(BrowserPage::close);
        process.close();
        try (Stream<Path> files = Files.walk(profile)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException | UncheckedIOException e) {
            // Its last process may still be writing; the folder is a temporary one.
        }
    }
}
