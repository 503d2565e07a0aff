package io.contrastream.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.contrastream.dashboard.feed.Stream;
import io.contrastream.schemas.EmbeddingOrigin;
import io.contrastream.testing.BrowserPage;
import io.contrastream.testing.Chromium;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicLayout;
import io.contrastream.topics.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, over a real broker. */
final class PageITCase {

    private static final String SCRIPT = "<script>document.title='taken over'</script><img src=x onerror=alert(1)>";
    private static final List<String> LABELS = List.of("apple", "boat", "chair", "dog", SCRIPT);
    private static final int IMAGES = 60;
    private static final Map<Topic, String> TOPICS = TopicLayout.usualNames(EnumSet.allOf(Topic.class));

    /** A broker that is gone is missed soon. */
    private static final Map<String, String> IMPATIENT =
            Map.of("default.api.timeout.ms", "3000", "request.timeout.ms", "2000");

    @TempDir
    private static Path folder;

    private static RestartableBroker broker;
    private static SampleStream stream;
    private static Dashboard dashboard;
    private static Chromium chromium;
    private static BrowserPage page;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Chromium.find().isPresent(), "there is no Chromium on the path");
        broker = new RestartableBroker(folder);
        try (Topics topics = new Topics(broker.bootstrapServers(), Map.of())) {
            topics.create(new TopicLayout(TOPICS, 1, (short) 1));
        }
        stream = new SampleStream(broker.bootstrapServers(), TOPICS);
        sendEverything();
        dashboard = Dashboard.start(DashboardOptions.local(0));
        dashboard.follow(new Stream(broker.bootstrapServers(), IMPATIENT, TOPICS));
        chromium = Chromium.start(Path.of("target/chromium-logs"));
        page = chromium.open();
        page.resize(1300, 900, 1, false);
    }

    /** Five classes, one after another, and something of everything else that the topics can have. */
    private static void sendEverything() {
        for (int i = 0; i < IMAGES; i++) {
            int kind = i * LABELS.size() / IMAGES;
            stream.image("image-" + i, LABELS.get(kind), kind, i);
            stream.embedding(
                    "image-" + i,
                    LABELS.get(kind),
                    i % 12 == 0 ? null : LABELS.get(i % 4 == 0 ? (kind + 1) % LABELS.size() : kind),
                    vector(i),
                    i,
                    EmbeddingOrigin.LEARNED);
            stream.prototype(LABELS.get(kind), SampleStream.vector(kind, 99, 0, 0), i % 12 + 1, i);
            stream.report(i + 1, i, kind + 1, 0.5 + i / 200.0, i < 40 ? 0.7 : 0.4);
        }
        stream.release(50, 0.75);
        stream.rejected(
                "not-an-image", "image " + SCRIPT + " is none", "GIF89a <b>bytes</b>".getBytes(StandardCharsets.UTF_8));
        stream.flush();
    }

    private static float[] vector(int image) {
        return SampleStream.vector(image * LABELS.size() / IMAGES, image, 0.08, 0);
    }

    @AfterAll
    static void stop() {
        for (AutoCloseable opened : new AutoCloseable[] {chromium, dashboard, stream, broker}) {
            try {
                if (opened != null) {
                    opened.close();
                }
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static void open() throws Exception {
        page.go(dashboard.url());
        page.await("document.documentElement.dataset.live === 'true' && window.contrastream.map.size >= " + IMAGES);
    }

    @Test
    void loadsWithoutErrorsAndAsksNobodyElse() throws Exception {
        open();
        page.await("document.querySelectorAll('#newest img').length > 0");

        assertThat(page.errors()).isEmpty();
        assertThat(page.requests()).isNotEmpty().allMatch(request -> request.startsWith(dashboard.url()));
    }

    @Test
    void showsWhatTheTopicsSayAndGoesOn() throws Exception {
        open();

        assertThat(page.text("#model")).isEqualTo("sample");
        assertThat(page.text("#releases")).contains("50", "released", "held-out accuracy 75.0 %");
        assertThat(page.text("#marks")).contains("apple", "boat", "version 50", "40% of neighbours kept");
        // Of its twelve images, the first had no prediction and two had a wrong one.
        assertThat(page.text("#classes tr:nth-child(2)")).contains("boat", "12", "75 %");
        assertThat(page.text("#rejected"))
                .contains("not-an-image", "offset 17", "47 49 46 38 39 61", "GIF89a <b>bytes<");

        stream.report(4321, 100, 5, 0.875, 0.9);
        stream.flush();
        page.await("document.querySelector('#figures').textContent.includes('4,321')");
        assertThat(page.text("#figures")).contains("87.5", "42", "100");
        assertThat(page.errors()).isEmpty();
    }

    @Test
    void aClickOnTheMapShowsTheNearestImagesWithTheirPictures() throws Exception {
        open();
        page.evaluate("document.getElementById('thumbnails').click(), window.scrollTo(0, 0)");
        // An image of another place than all others, so that it is known which one is hit.
        JsonNode at = page.evaluate("(() => { const m = window.contrastream.map; m.fit(true); const q = m.ratio;"
                + " const b = m.canvas.getBoundingClientRect();"
                + " const all = [...Array(m.capacity).keys()].filter(i => m.label[i] !== 0xFFFF)"
                + ".map(i => [i, ...m.onScreen(m.x1[i], m.y1[i])]);"
                + " const alone = a => Math.min(...all.filter(o => o !== a).map(o => Math.hypot(o[1] - a[1], o[2] - a[2])));"
                + " const best = all.reduce((a, c) => alone(c) > alone(a) ? c : a);"
                + " return [best[0], b.left + best[1] / q, b.top + best[2] / q]; })()");

        page.click(at.get(1).asDouble(), at.get(2).asDouble());
        page.await("document.querySelectorAll('#neighbours li').length === 12");

        int image = Integer.parseInt(page.text("#image figcaption").replaceAll("(?s).*image-", ""));
        List<String> nearest = IntStream.range(0, IMAGES)
                .filter(other -> other != image)
                .boxed()
                .sorted(Comparator.comparingDouble(other -> -dot(vector(image), vector(other))))
                .limit(12)
                .map(other -> "image-" + other)
                .toList();
        JsonNode shown =
                page.evaluate("[...document.querySelectorAll('#neighbours button')].map(b => b.title.split(':')[0])");
        assertThat(shown).extracting(JsonNode::asText).containsExactlyElementsOf(nearest);
        page.await("[...document.querySelectorAll('#neighbours img')].every(i => i.complete && i.naturalWidth === 64)");
        assertThat(page.text("#image table")).contains("predicted before learning");
        assertThat(page.errors()).isEmpty();
        Files.write(Path.of("target/page.png"), page.screenshot());
    }

    private static double dot(float[] a, float[] b) {
        return IntStream.range(0, a.length).mapToDouble(k -> a[k] * b[k]).sum();
    }

    @Test
    void aKeyboardGoesFromImageToImageAndOpensOne() throws Exception {
        open();
        page.evaluate("document.getElementById('map').focus()");

        page.press("ArrowRight");
        page.press("ArrowLeft");
        assertThat(page.text("#map-live")).containsAnyOf("predicted rightly", "predicted wrongly");
        page.press("Enter");

        page.await("document.querySelectorAll('#neighbours li').length === 12");
        page.await("document.activeElement.id === 'image'");
    }

    @Test
    void aScreenReaderIsToldTheNameOfEverythingThatCanBeUsedAndWhatThePicturesShow() throws Exception {
        open();
        page.await("document.querySelectorAll('#newest img').length > 0");
        page.evaluate("document.querySelector('details').open = true");

        List<JsonNode> nodes = accessibleNodes();
        assertThat(nodes.stream()
                        .filter(node -> is(node, "focusable") && !role(node).equals("RootWebArea")))
                .hasSizeGreaterThan(20)
                .allSatisfy(node -> assertThat(name(node)).as(node.toString()).isNotBlank());
        assertThat(nodes.stream().map(PageITCase::role)).contains("banner", "main", "contentinfo");
        assertThat(named(nodes, "region"))
                .contains("Embedding space", "Learning", "Image", "Newest images")
                .allSatisfy(name -> assertThat(name).isNotBlank());
        assertThat(named(nodes, "status")).hasSize(2);
        assertThat(named(nodes, "application")).singleElement().asString().contains(IMAGES + " images");
        assertThat(named(nodes, "image"))
                .anySatisfy(
                        name -> assertThat(name).matches("Accuracy over images: [\\d.]+ per cent of the newest, .*"))
                .anySatisfy(name -> assertThat(name).matches("Loss over images: [\\d.]+"))
                .anySatisfy(
                        name -> assertThat(name)
                                .matches(
                                        "How far the embedding space moves, over images: [\\d.]+ per cent of neighbours kept.*"));
    }

    @Test
    void theTabKeyReachesEverythingInTheOrderOfThePage() throws Exception {
        open();
        page.await("document.querySelectorAll('#newest img').length > 0");
        String all = "[...document.querySelectorAll('a[href], button, input, select, summary, [tabindex=\"0\"]')]"
                + ".filter(e => e.checkVisibility())";
        int count = page.evaluate(all + ".length").asInt();
        page.evaluate("window.order = " + all + ", document.activeElement.blur()");

        List<Integer> reached = new ArrayList<>();
        // Chromium itself lets the key reach what can be scrolled, too.
        for (int press = 0; press < 2 * count && !reached.contains(count - 1); press++) {
            page.press("Tab");
            int index = page.evaluate("window.order.indexOf(document.activeElement)")
                    .asInt();
            if (index >= 0) {
                reached.add(index);
            }
        }

        assertThat(reached)
                .containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
    }

    /** Chromium's tree for screen readers, without the parts that they are not told of. */
    private static List<JsonNode> accessibleNodes() {
        List<JsonNode> nodes = new ArrayList<>();
        page.call("Accessibility.getFullAXTree", Map.of()).get("nodes").forEach(node -> {
            if (!node.get("ignored").asBoolean()) {
                nodes.add(node);
            }
        });
        return nodes;
    }

    private static String role(JsonNode node) {
        return node.path("role").path("value").asText();
    }

    private static String name(JsonNode node) {
        return node.path("name").path("value").asText();
    }

    private static boolean is(JsonNode node, String property) {
        for (JsonNode each : node.path("properties")) {
            if (each.get("name").asText().equals(property)) {
                return each.path("value").path("value").asBoolean();
            }
        }
        return false;
    }

    private static List<String> named(List<JsonNode> nodes, String role) {
        return nodes.stream()
                .filter(node -> role(node).equals(role))
                .map(PageITCase::name)
                .toList();
    }

    @Test
    void aLabelOrMessageWithMarkupIsText() throws Exception {
        open();

        assertThat(page.text("#classes tr:nth-child(5)")).contains(SCRIPT);
        assertThat(page.text("#rejected")).contains(SCRIPT);
        assertThat(page.evaluate("document.title").asText()).isEqualTo("Contrastream");
        assertThat(page.evaluate("document.querySelectorAll('main script, main img[onerror], main b').length")
                        .asInt())
                .isZero();
        // Were something to slip through, the policy would keep it from running.
        assertThat(page.evaluate(
                                "(() => { try { document.body.innerHTML = 'x'; return 'taken'; } catch (e) { return e.name; } })()")
                        .asText())
                .isEqualTo("TypeError");
    }

    @Test
    void survivesARestartOfTheBroker() throws Exception {
        open();
        broker.stop();
        try {
            page.await("document.getElementById('state').dataset.kind === 'bad'");
            assertThat(page.text("#state")).contains("no answer from Kafka");
        } finally {
            broker.start();
        }
        stream.report(9876, 200, 5, 0.625, 0.9);
        stream.flush();

        page.await("document.querySelector('#figures').textContent.includes('9,876')");
        page.await("document.getElementById('state').dataset.kind === 'live'");
        assertThat(page.errors()).isEmpty();
    }
}
