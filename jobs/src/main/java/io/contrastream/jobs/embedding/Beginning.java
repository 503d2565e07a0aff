package io.contrastream.jobs.embedding;

import io.contrastream.jobs.kafka.KafkaOptions;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.releases.ReleaseException;
import io.contrastream.releases.folder.Manifest;
import io.contrastream.releases.folder.Release;
import io.contrastream.schemas.EncoderRelease;
import io.contrastream.topics.Announcement;
import io.contrastream.topics.Topic;
import io.contrastream.topics.TopicReader;
import io.contrastream.topics.Topics;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;

/**
 * The release that an embedding job begins with if it has no state to go on from.
 *
 * @param release verified
 * @param images shape of the images that its encoder takes
 * @param from offsets of the announcements that come after it
 */
record Beginning(EncoderRelease release, ImageShape images, Map<TopicPartition, Long> from) {

    /**
     * Finds it.
     *
     * @throws ReleaseException if none has been announced, or the one to begin with cannot be used
     * @throws io.contrastream.topics.TopicException if Kafka does not answer, or lacks the topic of announcements
     */
    static Beginning of(EmbeddingOptions options) throws IOException {
        return of(options, OptionalLong.empty());
    }

    /**
     * Finds a release to begin with.
     *
     * @param version that is looked for beside the newest announced release of the model; empty for what {@link #of(EmbeddingOptions)} begins
     *     with
     * @throws ReleaseException as there, or if there is no such version
     * @throws io.contrastream.topics.TopicException if Kafka does not answer, or lacks the topic of announcements
     */
    static Beginning of(EmbeddingOptions options, OptionalLong version) throws IOException {
        KafkaOptions kafka = options.kafka();
        String topic = kafka.topic(Topic.ENCODER_RELEASES);
        try (Topics topics = new Topics(kafka.bootstrapServers(), kafka.properties())) {
            topics.requireExisting(Map.of(Topic.ENCODER_RELEASES, topic));
        }
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), kafka.properties(), List.of(topic), true)) {
            Map<TopicPartition, Long> ends = reader.ends();
            if (version.isEmpty() && options.release().isPresent()) {
                return with(named(options.release().get(), options.model()), ends);
            }
            EncoderRelease newest = Announcement.newest(
                            reader, ends, kafka.format(Topic.ENCODER_RELEASES), options.model())
                    .orElseThrow(() -> new ReleaseException(
                            "topic '" + topic + "'",
                            "no release of model '" + options.model()
                                    + "' has been announced; let the learning job release one"
                                    + " (release.directory), or name one with embedding.release"));
            if (version.isEmpty()) {
                return with(newest, ends);
            }
            String folder = newest.getUri().substring(0, newest.getUri().lastIndexOf('/') + 1) + version.getAsLong();
            return with(named(folder, options.model()), ends);
        }
    }

    /**
     * With the release in a folder, whatever has been announced, and of whichever model.
     *
     * @throws ReleaseException if it cannot be used
     */
    static Beginning ofFolder(String uri) throws IOException {
        return with(announcement(Release.open(uri)), Map.of());
    }

    private static Beginning with(EncoderRelease release, Map<TopicPartition, Long> from) throws IOException {
        Release opened = Release.open(release.getUri(), release.getSha256());
        opened.verify();
        return new Beginning(release, opened.spec().input(), from);
    }

    private static EncoderRelease named(String uri, String model) throws IOException {
        Release release = Release.open(uri);
        if (!release.manifest().model().equals(model)) {
            throw new ReleaseException(
                    uri, "it is of model '" + release.manifest().model() + "', but model.name is '" + model + "'");
        }
        return announcement(release);
    }

    private static EncoderRelease announcement(Release release) {
        Manifest manifest = release.manifest();
        return new EncoderRelease(
                manifest.model(),
                manifest.version(),
                release.uri(),
                release.sha256(),
                new TreeMap<>(manifest.figures()),
                manifest.releasedAt());
    }
}
