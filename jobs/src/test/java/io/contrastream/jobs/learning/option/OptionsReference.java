package io.contrastream.jobs.learning.option;

import io.contrastream.jobs.embedding.option.EmbeddingJobSettings;
import io.contrastream.jobs.option.KafkaSettings;
import io.contrastream.jobs.option.Setting;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.description.HtmlFormatter;

/** Writes down all options: as a page of the documentation, and as the file that a user starts from. */
final class OptionsReference {

    private static final Map<String, String> GROUPS = Map.ofEntries(
            Map.entry("kafka", "Kafka"),
            Map.entry("late-labels", "Labels that come late"),
            Map.entry("model", "Model"),
            Map.entry("image", "Images"),
            Map.entry("encoder", "Encoder"),
            Map.entry("loss", "Loss"),
            Map.entry("optimizer", "Optimiser"),
            Map.entry("learner", "Learner"),
            Map.entry("augment", "Augmentation"),
            Map.entry("release", "Releases"),
            Map.entry("job", "Flink job"));

    private static final String TABLE = "| option | default | allowed | meaning |\n|---|---|---|---|\n";

    private OptionsReference() {}

    /** Contents of {@code docs/options.md}. */
    static String markdown() {
        StringBuilder page = new StringBuilder("""
                # Options

                Generated from the options' definitions; do not edit. `OptionsReferenceTest` says how to generate it anew.

                Options come from a YAML file (`--config FILE`), with dotted keys or nested maps, and from arguments
                (`--learner.batch-size 20`), which win over the file. They are checked as a whole before anything runs:
                an unknown key, a malformed value or one out of its range is an error that names the option, the value
                and what is allowed.

                `kafka.properties.NAME` sets the property NAME of all Kafka clients of the job, for example
                `kafka.properties.security.protocol: SASL_SSL`. Put secrets into the file rather than into arguments,
                which other users of the machine can see, or leave them where they are: [security.md](security.md).
                """);
        String group = "";
        for (Setting<?> setting : LearningJobSettings.ALL.all()) {
            if (!group(setting).equals(group)) {
                group = group(setting);
                page.append("\n## ").append(GROUPS.get(group)).append("\n\n");
                page.append(TABLE);
            }
            page.append(row(setting));
        }
        page.append(embeddingJob());
        return page.append("""

                        ## Notes

                        **Recipes.** A recipe sets these options, except for those that are set otherwise in the file or by an
                        argument; [recipes.md](recipes.md) compares them.

                        - `model.recipe: contrastream-max`: %s.
                        - `model.recipe: scr`: %s.

                        **Order.** Records of one partition are learned in their order; of several partitions, whichever
                        comes first. A run can be repeated bit by bit if the topic has one partition and no mini-batch is
                        closed by `learner.flush-interval`, on the same kind of device with the same `encoder.threads`.

                        **Changing options of a running model.** Stop with a savepoint and start from it. `model.name`,
                        the image's shape, the network, the optimiser's kind and the reservoir belong to the stored state,
                        and replay memory can grow but not shrink: a state that does not fit is refused, naming what
                        differs.

                        **After a failure** the job starts again from its last checkpoint, as Flink's `restart-strategy`
                        says. It fails for good, and its last checkpoint is kept, when more steps in a row are skipped
                        than `learner.max-skipped-in-row`: learning the same images again would end in the same way.

                        **Exactly-once** output carries transactions named after `job.name`. When the job starts again
                        from a checkpoint, its log may say of transactions "Unable to commit transaction ... because its
                        producer is already fenced ... most likely signals data loss". The connector commits all
                        transactions of the checkpoint again, and the brokers refuse those that had been committed before
                        the failure: seen with Kafka 4.2, with no record missing. It is a loss if the job was down for
                        longer than `kafka.transaction-timeout`. Where the job writes `embeddings`, its log says so at every
                        start.
                        """.formatted(recipe(Recipe.CONTRASTREAM_MAX), recipe(Recipe.SCR)))
                .toString();
    }

    private static String row(Setting<?> setting) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        setting.key(),
                        setting.defaultText().map(text -> "`" + text + "`").orElse("none"),
                        setting.allowed().text(),
                        description(setting));
    }

    private static String embeddingJob() {
        Map<Boolean, List<Setting<?>>> shared = EmbeddingJobSettings.ALL.all().stream()
                .collect(Collectors.partitioningBy(LearningJobSettings.ALL.all()::contains));
        return """

                        ## Embedding job

                        The embedding job (`contrastream embed`) is another job with a file of its own. Of the options above it has
                        %s with the same meaning, and `kafka.properties.NAME`; images are brought to the shape that the release's encoder takes.
                        Its own options, some of them under the same keys, are:

                        """.formatted(shared.get(true).stream()
                        .map(setting -> "`" + setting.key() + "`")
                        .collect(Collectors.joining(", ")))
                + TABLE
                + shared.get(false).stream().map(OptionsReference::row).collect(Collectors.joining());
    }

    private static String recipe(Recipe recipe) {
        return new TreeMap<>(recipe.options())
                .entrySet().stream()
                        .map(value -> "`" + value.getKey() + ": " + value.getValue() + "`")
                        .collect(Collectors.joining(", "));
    }

    /** Contents of {@code contrastream.yaml}: every option with its default, commented out unless it must be set. */
    static String yaml() {
        StringBuilder file = new StringBuilder("""
                # Options of Contrastream's learning job: `contrastream learn --config contrastream.yaml`.
                # Every value is the default; what is commented out has none or is usually left alone.
                # Generated from the options' definitions, like docs/options.md.
                """);
        String group = "";
        for (Setting<?> setting : LearningJobSettings.ALL.all()) {
            if (!group(setting).equals(group)) {
                group = group(setting);
                file.append("\n# ---- ").append(GROUPS.get(group)).append(" ----\n");
            }
            file.append('\n');
            wrapped(description(setting) + " Allowed: " + setting.allowed().text() + ".")
                    .forEach(line -> file.append("# ").append(line).append('\n'));
            file.append(assignment(setting)).append('\n');
            if (setting.equals(KafkaSettings.PARTITION_DISCOVERY_INTERVAL)) {
                file.append("""

                        # Properties of all Kafka clients of the job, for example:
                        # kafka.properties.security.protocol: SASL_SSL
                        # kafka.properties.sasl.mechanism: SCRAM-SHA-512
                        # kafka.properties.sasl.jaas.config: org.apache.kafka.common.security.scram.ScramLoginModule required username="..." password="...";
                        """);
            }
        }
        return file.toString();
    }

    static String description(Setting<?> setting) {
        return new HtmlFormatter()
                .format(setting.option().description())
                .replace("&gt;", ">")
                .replace("&lt;", "<");
    }

    private static String assignment(Setting<?> setting) {
        if (setting.option().hasDefaultValue()) {
            return setting.key() + ": " + setting.defaultText().orElseThrow();
        }
        return setting.equals(KafkaSettings.BOOTSTRAP_SERVERS)
                ? setting.key() + ": localhost:9092"
                : "# " + setting.key() + ":";
    }

    private static String group(Setting<?> setting) {
        return setting.key().substring(0, setting.key().indexOf('.')).toLowerCase(Locale.ROOT);
    }

    private static List<String> wrapped(String text) {
        StringBuilder line = new StringBuilder();
        StringBuilder lines = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() > 110) {
                lines.append(line.toString().strip()).append('\n');
                line.setLength(0);
            }
            line.append(word).append(' ');
        }
        return lines.append(line.toString().strip()).toString().lines().collect(Collectors.toList());
    }
}
