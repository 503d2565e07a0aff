package io.contrastream.learning.learner;

import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import io.contrastream.learning.encoder.EncoderState;
import io.contrastream.learning.learner.LearnerOptions.Reservoir;
import io.contrastream.learning.network.Tensor;
import io.contrastream.learning.objective.Classifier;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Binary form of a {@link LearnerState}, big-endian:
 *
 * <pre>
 * long    magic number
 * int     format version
 * block   description: fingerprint, optimiser steps, name and shape of every tensor
 * block   progress: counters and class statistics
 * floats  values of all tensors, one after another
 * int     CRC-32C of these
 * </pre>
 *
 * The tensors are the parameters, the optimiser's slots and, from format version 2 on, averages, classifier and class vectors. From format version 3
 * on, the progress has the number of vacated slots; from 4 on, the classifier has its biases in an array of their own, where versions 2
 * and 3 have them behind the weights of their class; from 5 on, its averages may be behind it; from 6 on, there are the class vectors of a
 * proxy loss; from 7 on, the progress has the errors that are watched for drift, from 8 on the
 * embeddings.
 *
 * <p>A block is its length (int), its bytes and their CRC-32C (int). Every later version of the format is to read the states
 * of the earlier ones.
 */
public final class StateFormat {

    /** "CSTREAM" and a byte that no text has. */
    static final long MAGIC = 0x435354524541_4D8BL;

    static final int VERSION = 8;

    /** The oldest that is read. */
    private static final int OLDEST_VERSION = 1;

    private StateFormat() {}

    /** Writes a state. */
    public static void write(LearnerState state, DataOutput out) throws IOException {
        out.writeLong(MAGIC);
        out.writeInt(VERSION);
        CheckedBlocks.write(description(state), out);
        CheckedBlocks.write(progress(state.progress()), out);
        CheckedBlocks.writeFloats(values(tensors(state)), out);
    }

    /**
     * Reads what {@link #write} wrote.
     *
     * @throws IOException saying what is wrong, if it is not such a state, incomplete, damaged, or of a version not known here
     */
    public static LearnerState read(DataInput in) throws IOException {
        try {
            long magic = in.readLong();
            if (magic != MAGIC) {
                throw new IOException(String.format(
                        "not a learner state: it starts with %016x, but a learner state with %016x", magic, MAGIC));
            }
            int version = in.readInt();
            if (version < OLDEST_VERSION || version > VERSION) {
                throw new IOException("the learner state has format version " + version
                        + ", but only versions " + OLDEST_VERSION + " to " + VERSION + " can be read here"
                        + (version > VERSION ? ": it was written by a newer release" : ""));
            }
            DataInput description = CheckedBlocks.read(in, "description");
            String fingerprint = description.readUTF();
            long step = description.readLong();
            List<Tensor> parameters = readTensors(description);
            List<Tensor> slots = readTensors(description);
            List<Tensor> averages = version < 2 ? List.of() : readTensors(description);
            List<Tensor> classifier = version < 2 ? List.of() : readTensors(description);
            List<Tensor> proxies = version < 6 ? List.of() : readTensors(description);
            LearnerProgress progress = readProgress(CheckedBlocks.read(in, "progress"), version);
            CheckedBlocks.readFloats(values(List.of(parameters, slots, averages, classifier, proxies)), in, "tensors");
            return new LearnerState(
                    new EncoderState(
                            fingerprint,
                            step,
                            parameters,
                            slots,
                            averages,
                            version < 4 ? apart(classifier, step) : classifier,
                            proxies),
                    progress);
        } catch (EOFException e) {
            throw new IOException("the learner state is incomplete: it ends too early", e);
        } catch (RuntimeException e) {
            throw new IOException("the learner state is damaged: its contents contradict each other", e);
        }
    }

    /** Takes a classifier of versions 2 and 3, arrays [K, D + 1] of the weights and of the optimiser's slots of them, apart. */
    private static List<Tensor> apart(List<Tensor> joined, long step) {
        List<Tensor> apart = new ArrayList<>();
        for (Tensor tensor : joined) {
            int classes = tensor.shape()[0];
            int features = tensor.shape()[1] - 1;
            String slot = tensor.name().substring(0, tensor.name().lastIndexOf('/') + 1);
            // There is no slot before the first step now, and no classifier before the first class.
            if (classes > 0 && (step > 0 || slot.isEmpty())) {
                float[] weights = new float[classes * features];
                float[] biases = new float[classes];
                for (int k = 0; k < classes; k++) {
                    int row = k * (features + 1);
                    System.arraycopy(tensor.values(), row, weights, k * features, features);
                    biases[k] = tensor.values()[row + features];
                }
                apart.add(new Tensor(slot + Classifier.WEIGHT, new int[] {classes, features}, weights));
                apart.add(new Tensor(slot + Classifier.BIAS, new int[] {classes}, biases));
            }
        }
        return apart;
    }

    private static List<List<Tensor>> tensors(LearnerState state) {
        EncoderState encoder = state.encoder();
        return List.of(
                encoder.parameters(),
                encoder.optimizerSlots(),
                encoder.averages(),
                encoder.classifier(),
                encoder.proxies());
    }

    private static List<float[]> values(List<List<Tensor>> tensors) {
        return tensors.stream().flatMap(List::stream).map(Tensor::values).toList();
    }

    private static byte[] description(LearnerState state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeUTF(state.encoder().fingerprint());
        out.writeLong(state.encoder().step());
        for (List<Tensor> tensors : tensors(state)) {
            writeTensors(tensors, out);
        }
        return bytes.toByteArray();
    }

    private static void writeTensors(List<Tensor> tensors, DataOutput out) throws IOException {
        out.writeInt(tensors.size());
        for (Tensor tensor : tensors) {
            out.writeUTF(tensor.name());
            out.writeInt(tensor.shape().length);
            for (int side : tensor.shape()) {
                out.writeInt(side);
            }
        }
    }

    private static List<Tensor> readTensors(DataInput in) throws IOException {
        int count = in.readInt();
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = in.readUTF();
            int[] shape = new int[in.readInt()];
            int size = 1;
            for (int k = 0; k < shape.length; k++) {
                shape[k] = in.readInt();
                size *= shape[k];
            }
            tensors.add(new Tensor(name, shape, new float[size]));
        }
        return tensors;
    }

    private static byte[] progress(LearnerProgress progress) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(progress.imagesSeen());
        out.writeLong(progress.rightlyPredicted());
        out.writeInt(progress.windowSize());
        byte[] window = progress.window().toByteArray();
        out.writeInt(window.length);
        out.write(window);
        out.writeLong(progress.skippedSteps());
        out.writeInt(progress.skippedInRow());
        out.writeUTF(progress.reservoir().name());
        out.writeInt(progress.replayCapacity());
        out.writeInt(progress.vacatedSlots());
        out.writeInt(progress.classes());
        for (ClassProgress statistics : progress.classStatistics()) {
            out.writeUTF(statistics.label());
            out.writeLong(statistics.seen());
            out.writeBoolean(statistics.full());
            out.writeInt(statistics.support());
            out.writeInt(statistics.mean().length);
            for (double component : statistics.mean()) {
                out.writeDouble(component);
            }
        }
        DriftFormat.write(progress.errorDrift(), out);
        DriftFormat.write(progress.embeddingDrift(), out);
        return bytes.toByteArray();
    }

    private static LearnerProgress readProgress(DataInput in, int version) throws IOException {
        long imagesSeen = in.readLong();
        long rightlyPredicted = in.readLong();
        int windowSize = in.readInt();
        byte[] window = new byte[in.readInt()];
        in.readFully(window);
        long skippedSteps = in.readLong();
        int skippedInRow = in.readInt();
        Reservoir reservoir = Reservoir.valueOf(in.readUTF());
        int replayCapacity = in.readInt();
        int vacatedSlots = version < 3 ? 0 : in.readInt();
        int classes = in.readInt();
        List<ClassProgress> statistics = new ArrayList<>();
        for (int i = 0; i < classes; i++) {
            String label = in.readUTF();
            long seen = in.readLong();
            boolean full = in.readBoolean();
            int support = in.readInt();
            double[] mean = new double[in.readInt()];
            for (int k = 0; k < mean.length; k++) {
                mean[k] = in.readDouble();
            }
            statistics.add(new ClassProgress(label, seen, full, support, mean));
        }
        return new LearnerProgress(
                imagesSeen,
                rightlyPredicted,
                BitSet.valueOf(window),
                windowSize,
                skippedSteps,
                skippedInRow,
                reservoir,
                replayCapacity,
                vacatedSlots,
                statistics,
                version < 7 ? ErrorDrift.State.NONE : DriftFormat.readErrors(in),
                version < 8 ? EmbeddingDrift.State.NONE : DriftFormat.readEmbeddings(in));
    }
}
