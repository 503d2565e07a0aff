package io.contrastream.operators.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.augment.AugmentOptions;
import io.contrastream.learning.augment.Augmentation;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.image.ImageShape;
import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What one learner writes is what another one reads. */
class OrderFormatTest {

    private static final ImageShape SHAPE = new ImageShape(3, 5, 4);

    @Test
    void aStepArrivesWithAllThatItsViewsHave() {
        Augmentation augmentation = new Augmentation(AugmentOptions.SCR.withRandAugment(4, 20), SHAPE);
        List<View> views = IntStream.range(0, 60)
                .mapToObj(i -> augmentation.draw(i % 3, RandomStream.of(2, Purpose.AUGMENT, 0, i)))
                .toList();
        byte[] images = new byte[3 * SHAPE.size()];
        IntStream.range(0, images.length).forEach(i -> images[i] = (byte) i);
        LabelSets labels = new LabelSets(new int[] {4, 0, 4}, new int[][] {{}, {4, 2}, {1}});
        StepInput input = new StepInput(SHAPE, images, labels, views, 1, null);

        List<Shard> shards = Shard.deal(input, 2);
        List<View> arrived = new ArrayList<>();
        for (int learner = 0; learner < shards.size(); learner++) {
            Shard shard = shards.get(learner);
            OrderFormat.Step step = read(OrderFormat.step(new OrderFormat.Step(17, 0.5, shard)));
            assertThat(step.before()).isEqualTo(17);
            assertThat(step.rate()).isEqualTo(0.5);
            assertThat(step.shard().counts()).isEqualTo(shard.counts());
            assertThat(step.shard().input().images()).isEqualTo(shard.input().images());
            assertThat(step.shard().input().labels()).isEqualTo(shard.input().labels());
            assertThat(step.shard().input().labelSets().further())
                    .isEqualTo(shard.input().labelSets().further());
            assertThat(step.shard().whole().labelSets().table())
                    .isEqualTo(shard.whole().labelSets().table());
            assertThat(step.shard().input().fresh()).isEqualTo(shard.input().fresh());
            assertThat(step.shard().input().views()).isEqualTo(shard.input().views());
            int first = learner; // of three images, the first learner has one
            step.shard().input().views().forEach(view -> arrived.add(view.of(view.image() + first)));
        }
        assertThat(arrived).containsExactlyInAnyOrderElementsOf(views);
    }

    private static OrderFormat.Step read(byte[] order) {
        List<OrderFormat.Step> steps = new ArrayList<>();
        OrderFormat.read(order, new OrderFormat.Visitor() {
            @Override
            public void join(OrderFormat.Invitation invitation) {
                throw new AssertionError(invitation);
            }

            @Override
            public void takeOver() {
                throw new AssertionError();
            }

            @Override
            public void step(OrderFormat.Step step) {
                steps.add(step);
            }
        });
        return steps.get(0);
    }
}
