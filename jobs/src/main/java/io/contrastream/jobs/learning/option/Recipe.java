package io.contrastream.jobs.learning.option;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.YamlParserUtils;

/** Values of the options of network, loss, optimiser, learner and augmentation that go together; what is set beside a recipe wins over it. */
public enum Recipe {
    /** The options' defaults. */
    CONTRASTREAM,
    /** The options that should learn most, at any cost: {@code contrastream-max.yaml} beside this class. */
    CONTRASTREAM_MAX,
    /** Supervised Contrastive Replay as published (Mai et al. 2021), in {@code scr.yaml} beside this class. */
    SCR;

    /** Options that it sets. */
    Map<String, String> options() {
        if (this == CONTRASTREAM) {
            return Map.of();
        }
        try (InputStream file = Recipe.class.getResourceAsStream(this + ".yaml")) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            Map<?, ?> values = YamlParserUtils.convertToObject(text, Map.class);
            return values.entrySet().stream()
                    .collect(Collectors.toMap(
                            value -> value.getKey().toString(),
                            value -> value.getValue().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The configuration, with what its recipe says where it says nothing itself; as it is if it names no recipe that there is. */
    static Configuration completed(Configuration configuration) {
        Recipe recipe;
        try {
            recipe = configuration.get(ModelSettings.RECIPE.option());
        } catch (IllegalArgumentException unknown) {
            return configuration;
        }
        Configuration completed = Configuration.fromMap(recipe.options());
        completed.addAll(configuration);
        return completed;
    }

    /** Its name in options: {@code contrastream}, {@code contrastream-max}, {@code scr}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
