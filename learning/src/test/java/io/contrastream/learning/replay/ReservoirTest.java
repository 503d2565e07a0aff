package io.contrastream.learning.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.contrastream.learning.random.RandomStream;
import io.contrastream.learning.random.RandomStream.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReservoirTest {

    /** Offers position after position of the stream of classes; what is remembered is the position. */
    private static Replay<Integer> remember(Replay<Integer> memory, int[] stream, int start, int end, long seed) {
        for (int position = start; position < end; position++) {
            memory.offer(position, stream[position], RandomStream.of(seed, Purpose.REMEMBER, position, 0));
        }
        return memory;
    }

    private static List<Integer> items(Replay<Integer> memory) {
        return IntStream.range(0, memory.size()).mapToObj(memory::item).toList();
    }

    /** A stream with the given number of images of each class, in random order. */
    private static int[] shuffled(long seed, int... counts) {
        int[] stream = inOrder(counts);
        RandomStream random = RandomStream.of(seed, Purpose.SHUFFLE, 0, 0);
        for (int i = stream.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int label = stream[i];
            stream[i] = stream[other];
            stream[other] = label;
        }
        return stream;
    }

    /** The same, one class after another. */
    private static int[] inOrder(int... counts) {
        return IntStream.range(0, counts.length)
                .flatMap(label -> IntStream.generate(() -> label).limit(counts[label]))
                .toArray();
    }

    /** Sum of (count − expected)² / (expected · (1 − rate)): chi-square with one degree of freedom a cell, less one. */
    private static double statistic(int[] counts, double expected, double rate) {
        return Arrays.stream(counts)
                .mapToDouble(count -> Math.pow(count - expected, 2) / (expected * (1 - rate)))
                .sum();
    }

    private static double fourDeviationsAbove(int degrees) {
        return degrees + 4 * Math.sqrt(2.0 * degrees);
    }

    @Test
    void aUniformReservoirKeepsEveryPositionOfTheStreamEquallyOften() {
        int[] stream = shuffled(1, 150, 30, 20);
        int capacity = 20;
        int runs = 4000;
        int[] kept = new int[stream.length];
        for (int run = 0; run < runs; run++) {
            Replay<Integer> memory = new Replay<>(capacity, new UniformReservoir());
            items(remember(memory, stream, 0, stream.length, run)).forEach(position -> kept[position]++);
        }
        double rate = (double) capacity / stream.length;
        assertThat(statistic(kept, runs * rate, rate)).isLessThan(fourDeviationsAbove(stream.length - 1));
    }

    @Test
    void aClassBalancedReservoirKeepsEveryImageOfAFullClassEquallyOften() {
        int[] stream = shuffled(1, 120, 60, 4);
        int runs = 4000;
        int[] kept = new int[stream.length];
        int[] total = new int[3];
        for (int run = 0; run < runs; run++) {
            Replay<Integer> memory = new Replay<>(20, new ClassBalancedReservoir());
            items(remember(memory, stream, 0, stream.length, run)).forEach(position -> {
                kept[position]++;
                total[stream[position]]++;
            });
        }
        for (int label = 0; label < 2; label++) {
            int wanted = label;
            int[] counts = IntStream.range(0, stream.length)
                    .filter(position -> stream[position] == wanted)
                    .map(position -> kept[position])
                    .toArray();
            double rate = (double) total[label] / runs / counts.length;
            assertThat(statistic(counts, runs * rate, rate))
                    .as("class %d", label)
                    .isLessThan(fourDeviationsAbove(counts.length - 1));
        }
        assertThat(total[2]).as("a class that is never full keeps all").isEqualTo(4 * runs);
    }

    @Test
    void aHeavilyImbalancedStreamLeavesABalancedMemory() {
        int[] counts = {3000, 1000, 300, 100, 30, 10, 5};
        for (int[] stream : List.of(shuffled(1, counts), inOrder(counts), inOrder(5, 10, 30, 100, 300, 1000, 3000))) {
            Replay<Integer> balanced =
                    remember(new Replay<>(90, new ClassBalancedReservoir()), stream, 0, stream.length, 3);
            Replay<Integer> uniform = remember(new Replay<>(90, new UniformReservoir()), stream, 0, stream.length, 3);

            int[] stored = IntStream.range(0, 7).map(balanced::stored).sorted().toArray();
            assertThat(stored).startsWith(5, 10).hasSize(7);
            assertThat(stored[6] - stored[2]).as("full classes").isLessThanOrEqualTo(1);
            assertThat(Arrays.stream(stored).sum()).isEqualTo(90);
            int[] unbalanced =
                    IntStream.range(0, 7).map(uniform::stored).sorted().toArray();
            assertThat(unbalanced[6])
                    .as("the largest class in a uniform reservoir")
                    .isGreaterThan(45);
        }
    }

    /** Offers a stream; before one position, takes out what memory has of the images that are to be forgotten. */
    private static Replay<Integer> rememberAndForget(
            Reservoir reservoir, int[] stream, int at, IntPredicate forgotten, long seed) {
        Replay<Integer> memory = remember(new Replay<>(20, reservoir), stream, 0, at, seed);
        for (int slot = memory.size() - 1; slot >= 0; slot--) {
            if (forgotten.test(memory.item(slot))) {
                memory.remove(slot);
            }
        }
        return remember(memory, stream, at, stream.length, seed);
    }

    /** Of every third image that had come by then, memory forgets what it has. */
    @Test
    void whatIsLeftAfterForgettingIsStillAUniformSampleOfTheStream() {
        int[] stream = shuffled(1, 150, 30, 20);
        int runs = 8000;
        int at = 120;
        IntPredicate forgotten = position -> position < at && position % 3 == 0;
        int[] kept = new int[stream.length];
        int inAll = 0;
        for (int run = 0; run < runs; run++) {
            Replay<Integer> memory = rememberAndForget(new UniformReservoir(), stream, at, forgotten, run);
            items(memory).forEach(position -> kept[position]++);
            inAll += memory.size();
        }
        assertUniform(kept, inAll, runs, IntStream.range(0, stream.length).filter(forgotten.negate()));
    }

    @Test
    void whatIsLeftOfAFullClassAfterForgettingIsStillAUniformSampleOfItsStream() {
        int[] stream = shuffled(1, 120, 60, 4);
        int runs = 8000;
        int at = 110;
        IntPredicate forgotten = position -> position < at && position % 3 == 0 && stream[position] == 0;
        int[] kept = new int[stream.length];
        int[] total = new int[3];
        for (int run = 0; run < runs; run++) {
            items(rememberAndForget(new ClassBalancedReservoir(), stream, at, forgotten, run))
                    .forEach(position -> {
                        kept[position]++;
                        total[stream[position]]++;
                    });
        }
        for (int label = 0; label < 2; label++) {
            int wanted = label;
            assertUniform(
                    kept,
                    total[label],
                    runs,
                    IntStream.range(0, stream.length)
                            .filter(position -> stream[position] == wanted)
                            .filter(forgotten.negate()));
        }
        assertThat(total[2]).as("a class that is never full keeps all").isEqualTo(4 * runs);
    }

    private static void assertUniform(int[] kept, int inAll, int runs, IntStream positions) {
        int[] counts = positions.map(position -> kept[position]).toArray();
        assertThat(Arrays.stream(counts).sum()).as("nothing forgotten is left").isEqualTo(inAll);
        double rate = (double) inAll / runs / counts.length;
        assertThat(statistic(counts, runs * rate, rate)).isLessThan(fourDeviationsAbove(counts.length - 1));
    }

    @Test
    void aClassOfWhichAllWasForgottenBeginsAnew() {
        int[] stream = shuffled(2, 200, 200);
        ClassBalancedReservoir reservoir = new ClassBalancedReservoir();
        Replay<Integer> memory = remember(new Replay<>(20, reservoir), stream, 0, 400, 1);
        assertThat(reservoir.full(1)).isTrue();
        for (int slot = memory.size() - 1; slot >= 0; slot--) {
            if (memory.label(slot) == 1) {
                memory.remove(slot);
            }
        }
        assertThat(memory.stored(1)).isZero();
        assertThat(memory.seen(1)).isZero();
        assertThat(memory.seen()).isEqualTo(400);
        int vacated = memory.vacated();
        assertThat(memory.size() + vacated).isEqualTo(20);

        for (int position = 0; position < vacated; position++) {
            memory.offer(position, 1, RandomStream.of(1, Purpose.REMEMBER, 400 + position, 0));
        }

        assertThat(memory.stored(1)).isEqualTo(vacated);
        assertThat(memory.vacated()).isZero();
    }

    /** A larger memory is filled at once with what comes, vacated slots are not. */
    @Test
    void onlyVacatedSlotsWaitForAnImageThatWouldHaveBeenKept() {
        int[] stream = shuffled(2, 4000);
        for (Reservoir reservoir : List.of(new ClassBalancedReservoir(), new UniformReservoir())) {
            Replay<Integer> memory = remember(new Replay<>(20, reservoir), stream, 0, 2000, 1);
            for (int i = 0; i < 10; i++) {
                memory.remove(3);
            }
            assertThat(memory.seen(0))
                    .as("of the images that memory is a sample of")
                    .isEqualTo(1000);
            remember(memory, stream, 2000, 2100, 1);
            assertThat(memory.size())
                    .as("after a tenth of what refilling takes")
                    .isLessThan(15);
            remember(memory, stream, 2100, 4000, 1);
            assertThat(memory.size()).isGreaterThan(18);
        }
    }

    @Test
    void moreClassesThanSlotsIsBorne() {
        Replay<Integer> memory = new Replay<>(3, new ClassBalancedReservoir());
        remember(memory, IntStream.range(0, 200).map(i -> i % 50).toArray(), 0, 200, 1);
        assertThat(memory.size()).isEqualTo(3);
        assertThat(IntStream.range(0, 50).map(memory::stored).sum()).isEqualTo(3);
    }

    @Test
    void anOfferTellsTheOneSlotThatItChanges() {
        int[] stream = shuffled(2, 60, 30, 5);
        for (Reservoir reservoir : List.of(new ClassBalancedReservoir(), new UniformReservoir())) {
            Replay<Integer> memory = new Replay<>(12, reservoir);
            int refused = 0;
            for (int position = 0; position < stream.length; position++) {
                List<Integer> expected = new ArrayList<>(items(memory));
                int slot = memory.offer(position, stream[position], RandomStream.of(1, Purpose.REMEMBER, position, 0));
                if (slot == Reservoir.NONE) {
                    refused++;
                } else if (slot == expected.size()) {
                    expected.add(position);
                } else {
                    expected.set(slot, position);
                }
                assertThat(items(memory)).isEqualTo(expected);
            }
            assertThat(refused).isPositive();
        }
    }

    @Test
    void aRestoredMemoryGoesOnAsTheOriginal() {
        int[] stream = shuffled(2, 200, 60, 20, 8);
        ClassBalancedReservoir reservoir = new ClassBalancedReservoir();
        Replay<Integer> original = remember(new Replay<>(25, reservoir), stream, 0, 150, 1);
        for (int slot : new int[] {24, 3, 8, 3}) {
            original.remove(slot);
        }
        BitSet full = new BitSet();
        IntStream.range(0, 4).filter(reservoir::full).forEach(full::set);
        Replay<Integer> restored = restored(original, new ClassBalancedReservoir(full));
        Replay<Integer> forgetful = restored(original, new ClassBalancedReservoir());

        remember(original, stream, 150, stream.length, 1);
        remember(restored, stream, 150, stream.length, 1);
        remember(forgetful, stream, 150, stream.length, 1);

        assertThat(items(restored)).isEqualTo(items(original));
        assertThat(labels(restored)).isEqualTo(labels(original));
        assertThat(restored.seen()).isEqualTo(original.seen());
        assertThat(items(forgetful)).as("without the full classes").isNotEqualTo(items(original));
    }

    private static int[] labels(Replay<?> memory) {
        return IntStream.range(0, memory.size()).map(memory::label).toArray();
    }

    private static Replay<Integer> restored(Replay<Integer> original, Reservoir reservoir) {
        Replay<Integer> restored = new Replay<>(25, reservoir);
        for (int label = 0; label < 4; label++) {
            restored.restoreSeen(label, original.seen(label));
        }
        for (int slot = 0; slot < original.size(); slot++) {
            restored.restore(original.item(slot), original.label(slot));
        }
        restored.restoreCounts(original.seen(), original.vacated());
        return restored;
    }

    @Test
    void recallTakesDifferentSlotsEachEquallyOften() {
        int[] stream = inOrder(30);
        Replay<Integer> memory = remember(new Replay<>(30, new UniformReservoir()), stream, 0, 30, 1);
        int[] drawn = new int[30];
        int runs = 6000;
        for (int run = 0; run < runs; run++) {
            int[] slots = memory.recall(7, RandomStream.of(1, Purpose.RECALL, run, 0));
            assertThat(Arrays.stream(slots).distinct()).hasSize(7);
            Arrays.stream(slots).forEach(slot -> drawn[slot]++);
        }
        assertThat(statistic(drawn, runs * 7 / 30.0, 7 / 30.0)).isLessThan(fourDeviationsAbove(29));
    }

    @Test
    void recallOfMoreThanThereIsTakesAll() {
        Replay<Integer> memory = remember(new Replay<>(30, new UniformReservoir()), inOrder(5), 0, 5, 1);
        RandomStream random = RandomStream.of(1, Purpose.RECALL, 0, 0);
        assertThat(memory.recall(7, random)).containsExactlyInAnyOrder(0, 1, 2, 3, 4);
        assertThat(new Replay<>(30, new UniformReservoir()).recall(7, random)).isEmpty();
    }
}
