package io.contrastream.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.dashboard.feed.Stream;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.testing.BrowserPage;
import io.contrastream.testing.Chromium;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** How many pictures a second the map draws while 20,000 images move; runs only if asked for, with {@code -Dcontrastream.frames=true}. */
@EnabledIfSystemProperty(named = "contrastream.frames", matches = "true")
final class FramesITCase {

    private static final int IMAGES = 20_000;
    private static final int CLASSES = 12;
    private static final int ROUNDS = 8;
    private static final Map<Topic, String> TOPICS = TopicLayout.usualNames(EnumSet.allOf(Topic.class));

    @Test
    void twentyThousandImagesMove(@TempDir Path folder) throws Exception {
        try (RestartableBroker broker = new RestartableBroker(folder)) {
            try (Topics topics = new Topics(broker.bootstrapServers(), Map.of())) {
                topics.create(new TopicLayout(TOPICS, 1, (short) 1));
            }
            try (SampleStream stream = new SampleStream(broker.bootstrapServers(), TOPICS);
                    Dashboard dashboard = Dashboard.start(DashboardOptions.local(0));
                    Chromium chromium = Chromium.start(Path.of("target/chromium-logs"))) {
                dashboard.follow(new Stream(broker.bootstrapServers(), Map.of(), TOPICS));
                move(stream, 0);
                BrowserPage page = chromium.open();
                page.resize(1440, 900, 1, false);
                page.go(dashboard.url());
                page.await("window.contrastream.map.size === " + IMAGES);
                page.await("window.contrastream.map.prototypes.size === " + CLASSES);

                long began = System.nanoTime();
                int before = page.evaluate("window.contrastream.map.draws").asInt();
                for (int round = 1; round <= ROUNDS; round++) {
                    move(stream, round);
                }
                double seconds = (System.nanoTime() - began) / 1e9;
                int draws = page.evaluate("window.contrastream.map.draws").asInt() - before;
                // What the page itself takes, whatever the rest of the machine does: one picture after another.
                double millis = page.evaluate(
                                "(async () => { const m = window.contrastream.map; const times = [];"
                                        + " for (let i = 0; i < 60; i++) { await new Promise(r => requestAnimationFrame(r));"
                                        + " m.start.fill(performance.now() - 300); const t = performance.now(); m.draw(performance.now());"
                                        + " times.push(performance.now() - t); } times.sort((a, b) => a - b); return times[30]; })()")
                        .asDouble();
                // All in motion: how often the browser comes round to a new picture.
                double rate = page.evaluate(
                                "(async () => { const m = window.contrastream.map; const from = performance.now();"
                                        + " let n = 0; while (performance.now() - from < 5000) {"
                                        + " await new Promise(r => requestAnimationFrame(r)); m.start.fill(performance.now() - 300);"
                                        + " m.draw(performance.now()); n++; } return n / 5; })()")
                        .asDouble();
                System.out.printf(
                        Locale.ROOT,
                        "%d images on the map: a picture takes %.1f ms (median of 60), %.1f pictures a second while all move;"
                                + " %d pictures in %.1f s while %d embeddings came%n",
                        IMAGES,
                        millis,
                        rate,
                        draws,
                        seconds,
                        ROUNDS * IMAGES);
                assertThat(draws).isPositive();
                assertThat(page.errors()).isEmpty();
            }
        }
    }

    private static void move(SampleStream stream, int round) {
        for (int i = 0; i < IMAGES; i++) {
            int kind = i % CLASSES;
            stream.embedding(
                    "image-" + i,
                    "class-" + kind,
                    "class-" + kind,
                    SampleStream.vector(kind, i, 0.12, 0.1 * round),
                    round,
                    EmbeddingOrigin.REFRESHED);
        }
        for (int kind = 0; kind < CLASSES; kind++) {
            stream.prototype("class-" + kind, SampleStream.vector(kind, 7, 0, 0.1 * round), 100, round);
        }
        stream.flush();
    }
}
