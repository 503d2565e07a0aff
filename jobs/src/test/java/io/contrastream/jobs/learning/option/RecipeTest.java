package io.contrastream.jobs.learning.option;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.contrastream.jobs.learning.JobOptions;
import io.contrastream.jobs.learning.ModelOptions;
import io.contrastream.jobs.option.InvalidOptionsException;
import io.contrastream.learning.encoder.OptimizerOptions;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.operators.learn.option.LearnOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecipeTest {

    private static final String BROKERS = "--kafka.bootstrap-servers=localhost:9092";

    @ParameterizedTest
    @EnumSource
    void everyRecipeIsOfValidOptionsThatSayHowItLearns(Recipe recipe) {
        assertThat(recipe.options().keySet())
                .allMatch(key ->
                        key.matches("encoder\\.(architecture|mirror-embedding)|(loss|optimizer|learner|augment)\\..*")
                                && LearningJobSettings.ALL.keys().contains(key));
        ModelOptions.of(Configuration.fromMap(Map.of("model.recipe", recipe.toString())));
    }

    @Test
    void withoutARecipeTheDefaultsHold() {
        assertThat(ModelOptions.of(Configuration.fromMap(Map.of("model.recipe", "contrastream"))))
                .isEqualTo(ModelOptions.of(new Configuration()));
    }

    @Test
    void replayAsPublishedKeepsEveryImageWithTheSameProbabilityAndStepsWithoutMomentum() {
        ModelOptions options = ModelOptions.of(Configuration.fromMap(Map.of("model.recipe", "scr")));

        assertThat(options.learn().learner().replay().reservoir()).isEqualTo(Reservoir.UNIFORM);
        assertThat(options.learn().training().optimizer().kind()).isEqualTo(OptimizerOptions.Kind.SGD);
        assertThat(options.learn().training().optimizer().momentum()).isZero();
        assertThat(options.learn().training().averages()).isFalse();
        assertThat(options.learn().learner().loss().classifierWeight()).isZero();
        assertThat(options.learn().learner().steps().perBatch()).isEqualTo(1);
        assertThat(options.learn().learner().review().images()).isEqualTo(5000);
    }

    @Test
    void theRecipeAtAnyCostIsTheDefaultsWithAdamSlowAveragesThatTeachMirrorsAndEarlySteps() {
        LearnOptions options = ModelOptions.of(Configuration.fromMap(Map.of("model.recipe", "contrastream-max")))
                .learn();
        LearnOptions defaults = ModelOptions.of(new Configuration()).learn();

        assertThat(options.training().optimizer().kind()).isEqualTo(OptimizerOptions.Kind.ADAM);
        assertThat(options.training().optimizer().learningRate()).isEqualTo(1e-3);
        assertThat(options.training().optimizer().weightDecay()).isEqualTo(1e-4);
        assertThat(options.training().averagingDecay()).isEqualTo(0.99);
        assertThat(options.encoder().mirrorEmbedding()).isTrue();
        assertThat(options.learner().loss().distillationWeight()).isEqualTo(1);
        assertThat(options.learner().steps().earlyPerBatch()).isEqualTo(10);
        assertThat(options.learner().steps().perBatch())
                .isEqualTo(defaults.learner().steps().perBatch());
        assertThat(options.learner().augment()).isEqualTo(defaults.learner().augment());
    }

    @Test
    void theFileWinsOverTheRecipeAndArgumentsOverBoth(@TempDir Path folder) throws IOException {
        Path file = Files.write(
                folder.resolve("job.yaml"),
                List.of("model.recipe: scr", "optimizer.learning-rate: 0.2", "loss.temperature: 0.2"));

        JobOptions options = JobOptions.parse(BROKERS, "--config", file.toString(), "--loss.temperature", "0.3");

        assertThat(options.learn().learner().replay().reservoir()).isEqualTo(Reservoir.UNIFORM);
        assertThat(options.learn().training().optimizer().learningRate()).isEqualTo(0.2);
        assertThat(options.learn().training().temperature()).isEqualTo(0.3);
    }

    @Test
    void anUnknownRecipeIsAnError() {
        assertThatThrownBy(() -> JobOptions.parse(BROKERS, "--model.recipe", "pasta"))
                .isInstanceOf(InvalidOptionsException.class)
                .hasMessageContaining("model.recipe is 'pasta', but must be contrastream or contrastream-max or scr");
    }
}
