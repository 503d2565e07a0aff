package io.contrastream.jobs.option;

import org.apache.flink.configuration.description.HtmlFormatter;

/** All options as plain text, for a terminal. */
public final class OptionsHelp {

    private OptionsHelp() {}

    /**
     * How a job is started, then every option with its default, what is allowed and what it means.
     *
     * @param what a sentence on what the job does
     */
    public static String text(String what, Settings settings) {
        StringBuilder text = new StringBuilder("""
                Usage: flink run contrastream-job.jar [--config FILE] [--KEY VALUE]...
                %s Options are in the file, with dotted keys or as nested maps in YAML,
                or given as --KEY VALUE, which wins over it. kafka.properties.NAME sets a property of all Kafka clients.
                """.formatted(what));
        for (Setting<?> setting : settings.all()) {
            text.append("\n  --%s%n".formatted(setting.key()))
                    .append("      %s%n"
                            .formatted(new HtmlFormatter()
                                    .format(setting.option().description())
                                    .replace("&gt;", ">")
                                    .replace("&lt;", "<")))
                    .append("      Default: %s. Allowed: %s.%n"
                            .formatted(
                                    setting.defaultText().orElse("none"),
                                    setting.allowed().text()));
        }
        return text.toString();
    }
}
