package io.contrastream.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.broker.EmbeddedBroker;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class TopicsITCase {

    private static EmbeddedBroker broker;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @Test
    void topicsAreCreatedOnceWithTheirPoliciesAndPartitions() {
        TopicLayout layout = TopicLayout.all(3, TopicLayout.CLUSTER_DEFAULT);
        try (Topics topics = new Topics(broker.bootstrapServers(), Map.of())) {
            assertThat(topics.create(layout)).isEqualTo(Topic.usual());
            assertThat(topics.create(layout)).isEmpty();

            List<TopicStatus> statuses = topics.describe(layout.names());
            assertThat(statuses).allMatch(TopicStatus::exists).allMatch(status -> status.total() == 0);
            assertThat(statuses)
                    .extracting(TopicStatus::topic, TopicStatus::cleanupPolicy, TopicStatus::partitions)
                    .map(tuple -> tuple.toList().stream().map(Object::toString).collect(Collectors.joining(" ")))
                    .containsExactly(
                            "labelled-images delete 3",
                            "image-queries delete 3",
                            "embeddings compact 3",
                            "prototypes compact 1",
                            "learning-reports delete 1",
                            "encoder-releases compact 1",
                            "rejected-images delete 1");
            assertThatCode(() -> topics.requireExisting(layout.names())).doesNotThrowAnyException();
        }
    }

    @Test
    void missingTopicsAreNamedWithTheCommandThatCreatesThem() {
        Map<Topic, String> names = Map.of(Topic.LABELLED_IMAGES, "photos", Topic.PROTOTYPES, "means");
        try (Topics topics = new Topics(broker.bootstrapServers(), Map.of())) {
            assertThatThrownBy(() -> topics.requireExisting(names))
                    .isInstanceOf(TopicException.class)
                    .hasMessage("there are no topics 'photos', 'means' at " + broker.bootstrapServers()
                            + "; create with: contrastream topics create --bootstrap-servers "
                            + broker.bootstrapServers() + " --name labelled-images=photos --name prototypes=means");
            assertThat(topics.describe(names)).noneMatch(TopicStatus::exists);
        }
    }

    @Test
    void anUnsuitablePolicyIsAConcern() {
        assertThat(new TopicStatus(Topic.PROTOTYPES, "means", 1, 1, "delete", Map.of(0, 5L)).concern())
                .contains("cleanup.policy is delete, usual is compact");
        assertThat(new TopicStatus(Topic.PROTOTYPES, "means", 1, 1, "compact", Map.of(0, 5L)).concern())
                .isEmpty();
    }

    @Test
    void anAddressThatDoesNotResolveIsNamed() {
        assertThatThrownBy(() -> new Topics("nowhere.invalid:9092", Map.of()))
                .isInstanceOf(TopicException.class)
                .hasMessageContaining("nowhere.invalid:9092")
                .hasMessageContaining("bootstrap");
    }

    @Test
    void aClusterThatDoesNotAnswerIsNamed() throws Exception {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        Map<String, String> impatient = Map.of("default.api.timeout.ms", "600", "request.timeout.ms", "300");
        try (Topics topics = new Topics("127.0.0.1:" + nobody, impatient)) {
            assertThatThrownBy(() -> topics.requireExisting(Map.of(Topic.PROTOTYPES, "prototypes")))
                    .isInstanceOf(TopicException.class)
                    .hasMessageContaining("127.0.0.1:" + nobody)
                    .hasMessageContaining("is it running there?");
        }
    }
}
