package io.contrastream.operators.replica;

import io.contrastream.learning.augment.ColourChange;
import io.contrastream.learning.augment.ResizedCrop;
import io.contrastream.learning.augment.ToneChange;
import io.contrastream.learning.augment.View;
import io.contrastream.learning.augment.Warp;
import io.contrastream.learning.encoder.LabelSets;
import io.contrastream.learning.encoder.Shard;
import io.contrastream.learning.encoder.StepInput;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.image.ImageShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** The content of an {@link Order}, between learners of one job: it is never stored. */
final class OrderFormat {

    private static final byte JOIN = 1;
    private static final byte TAKE_OVER = 2;
    private static final byte STEP = 3;

    private OrderFormat() {}

    /** Takes an order apart. */
    interface Visitor {

        /** The first learner waits for connections. */
        void join(Invitation invitation);

        /** It sends its state over them. */
        void takeOver();

        /** Everybody's next step. */
        void step(Step step);
    }

    /**
     * Where the first learner waits.
     *
     * @param token that tells the learners of this attempt from all others
     */
    record Invitation(String host, int port, long token) {}

    /**
     * A step.
     *
     * @param before steps taken before it
     * @param rate factor of the learning rate
     */
    record Step(long before, double rate, Shard shard) {}

    @FunctionalInterface
    private interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    private static byte[] bytes(byte kind, Writer content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(kind);
            content.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] join(Invitation invitation) {
        return bytes(JOIN, out -> {
            out.writeUTF(invitation.host());
            out.writeInt(invitation.port());
            out.writeLong(invitation.token());
        });
    }

    static byte[] takeOver() {
        return bytes(TAKE_OVER, out -> {});
    }

    static byte[] step(Step step) {
        return bytes(STEP, out -> {
            out.writeLong(step.before());
            out.writeDouble(step.rate());
            write(step.shard(), out);
        });
    }

    /** Reads an order. */
    static void read(byte[] content, Visitor visitor) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(content))) {
            byte kind = in.readByte();
            switch (kind) {
                case JOIN -> visitor.join(new Invitation(in.readUTF(), in.readInt(), in.readLong()));
                case TAKE_OVER -> visitor.takeOver();
                case STEP -> visitor.step(new Step(in.readLong(), in.readDouble(), readShard(in)));
                default -> throw new IOException("unknown order " + kind);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Shard shard, DataOutputStream out) throws IOException {
        write(shard.counts(), out);
        write(shard.whole().labelSets(), out);
        write(shard.whole().lastViews(), out);
        for (boolean fresh : shard.whole().fresh()) {
            out.writeBoolean(fresh);
        }
        StepInput input = shard.input();
        out.writeBoolean(input != null);
        if (input != null) {
            out.writeUTF(input.shape().toString());
            write(input.labelSets(), out);
            out.writeInt(input.fresh());
            out.write(input.images());
            out.writeInt(input.views().size());
            for (View view : input.views()) {
                write(view, out);
            }
        }
    }

    private static Shard readShard(DataInputStream in) throws IOException {
        int[] counts = readInts(in);
        LabelSets labels = readLabels(in);
        int[] lastViews = readInts(in);
        boolean[] fresh = new boolean[labels.size()];
        for (int view = 0; view < fresh.length; view++) {
            fresh[view] = in.readBoolean();
        }
        StepInput input = in.readBoolean() ? readInput(in) : null;
        return new Shard(input, new ViewFacts(labels, lastViews, fresh), counts);
    }

    private static StepInput readInput(DataInputStream in) throws IOException {
        ImageShape shape = ImageShape.parse(in.readUTF());
        LabelSets labels = readLabels(in);
        int fresh = in.readInt();
        byte[] images = new byte[labels.size() * shape.size()];
        in.readFully(images);
        List<View> views = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            views.add(readView(in));
        }
        return new StepInput(shape, images, labels, views, fresh, null);
    }

    private static void write(View view, DataOutputStream out) throws IOException {
        out.writeInt(view.image());
        out.writeInt(view.crop().top());
        out.writeInt(view.crop().left());
        out.writeInt(view.crop().height());
        out.writeInt(view.crop().width());
        out.writeBoolean(view.flip());
        out.writeBoolean(view.greyscale());
        out.writeInt(view.tones().size());
        for (ToneChange change : view.tones()) {
            out.writeUTF(change.kind().name());
            out.writeInt(change.value());
        }
        Warp warp = view.warp();
        for (float number : new float[] {warp.xx(), warp.xy(), warp.dx(), warp.yx(), warp.yy(), warp.dy()}) {
            out.writeFloat(number);
        }
        out.writeInt(view.changes().size());
        for (ColourChange change : view.changes()) {
            out.writeUTF(change.kind().name());
            out.writeFloat(change.factor());
        }
    }

    private static View readView(DataInputStream in) throws IOException {
        int image = in.readInt();
        ResizedCrop crop = new ResizedCrop(in.readInt(), in.readInt(), in.readInt(), in.readInt());
        boolean flip = in.readBoolean();
        boolean greyscale = in.readBoolean();
        List<ToneChange> tones = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            tones.add(new ToneChange(ToneChange.Kind.valueOf(in.readUTF()), in.readInt()));
        }
        Warp warp = new Warp(
                in.readFloat(), in.readFloat(), in.readFloat(), in.readFloat(), in.readFloat(), in.readFloat());
        List<ColourChange> changes = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            changes.add(new ColourChange(ColourChange.Kind.valueOf(in.readUTF()), in.readFloat()));
        }
        return new View(image, tones, crop, flip, warp, changes, greyscale);
    }

    private static void write(LabelSets labels, DataOutputStream out) throws IOException {
        write(labels.first(), out);
        for (int[] further : labels.further()) {
            write(further, out);
        }
    }

    private static LabelSets readLabels(DataInputStream in) throws IOException {
        int[] first = readInts(in);
        int[][] further = new int[first.length][];
        for (int i = 0; i < further.length; i++) {
            further[i] = readInts(in);
        }
        return new LabelSets(first, further);
    }

    private static void write(int[] values, DataOutputStream out) throws IOException {
        out.writeInt(values.length);
        for (int value : values) {
            out.writeInt(value);
        }
    }

    private static int[] readInts(DataInputStream in) throws IOException {
        int[] values = new int[in.readInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = in.readInt();
        }
        return values;
    }
}
