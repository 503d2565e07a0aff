package io.contrastream.encoders.torch;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.encoder.DeviceOptions;
import io.contrastream.learning.image.ImageShape;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of announced views, in memory that is not pinned: that needs a GPU. */
class ImageInputTest {

    private static final ImageShape SHAPE =
            new ImageShape(1, 4, 4); // channels last is the same: no copy hides who writes where
    private static final int VIEWS = 5;

    private final ImageInput input = new ImageInput(SHAPE, Target.start(new DeviceOptions("cpu", 1, 0)), true);
    private final float[] one = filled(1);
    private final float[] two = filled(2);
    private final float[] three = filled(3);

    @AfterEach
    void close() {
        input.close();
    }

    private static float[] filled(float value) {
        float[] views = new float[VIEWS * SHAPE.size()];
        Arrays.fill(views, value);
        views[7] = -value;
        return views;
    }

    private float[] taken(float[] views) {
        try (PointerScope scope = new PointerScope()) {
            float[] values = Native.floats(input.views(views, VIEWS));
            input.arrived();
            return values;
        }
    }

    @Test
    void whatAnotherThreadHasAnnouncedIsTakenAsItWasThen() {
        CompletableFuture.runAsync(() -> input.announce(one)).join();
        Arrays.fill(one, 9);

        assertThat(taken(one)).isEqualTo(filled(1));
        assertThat(taken(one)).as("only once").isEqualTo(one);
    }

    @Test
    void theLatestAnnouncementOfAnArrayCounts() {
        input.announce(one);
        Arrays.fill(one, 9);
        input.announce(one);
        Arrays.fill(one, 0);

        assertThat(taken(one)).containsOnly(9);
    }

    @Test
    void viewsOfTwoStepsWaitAndWhatIsNotThereIsCopiedByTheStep() {
        input.announce(one);
        input.announce(two);
        input.announce(three);

        assertThat(taken(two)).isEqualTo(filled(2));
        assertThat(taken(three)).isEqualTo(filled(3));
        assertThat(taken(one)).isEqualTo(filled(1));
    }

    @Test
    void viewsOnTheirWayAreNotOverwrittenByTheNext() {
        input.announce(one);
        try (PointerScope scope = new PointerScope()) {
            Tensor sent = input.views(one, VIEWS);
            input.announce(two);
            input.announce(three);
            input.announce(two);
            assertThat(sent.min().item_float()).isEqualTo(-1);
            assertThat(sent.max().item_float()).isEqualTo(1);
        }
    }

    @Test
    void nothingIsCopiedWhereItIsOfNoUseOrTooLate() {
        try (ImageInput cpu = new ImageInput(SHAPE, Target.start(new DeviceOptions("cpu", 1, 0)), false);
                PointerScope scope = new PointerScope()) {
            cpu.announce(one);
            Arrays.fill(one, 9);
            assertThat(Native.floats(cpu.views(one, VIEWS))).containsOnly(9);
        }
        input.close();
        input.announce(one);
    }
}
