package io.contrastream.learning.learner;

import io.contrastream.learning.drift.Adwin;
import io.contrastream.learning.drift.EmbeddingDrift;
import io.contrastream.learning.drift.ErrorDrift;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The part of {@link StateFormat} that is about drift. */
final class DriftFormat {

    private DriftFormat() {}

    static void write(ErrorDrift.State state, DataOutput out) throws IOException {
        out.writeLong(state.rises());
        out.writeLong(state.falls());
        out.writeBoolean(state.newest() != null);
        if (state.newest() != null) {
            out.writeLong(state.newest().images());
            out.writeDouble(state.newest().before());
            out.writeDouble(state.newest().after());
        }
        Adwin.Window window = state.window();
        out.writeLong(window.ticks());
        out.writeDouble(window.sum());
        out.writeDouble(window.squares());
        out.writeInt(window.rows().size());
        for (List<Adwin.Bucket> row : window.rows()) {
            out.writeInt(row.size());
            for (Adwin.Bucket bucket : row) {
                out.writeDouble(bucket.sum());
                out.writeDouble(bucket.squares());
            }
        }
    }

    static ErrorDrift.State readErrors(DataInput in) throws IOException {
        long rises = in.readLong();
        long falls = in.readLong();
        ErrorDrift.Change newest =
                in.readBoolean() ? new ErrorDrift.Change(in.readLong(), in.readDouble(), in.readDouble()) : null;
        long ticks = in.readLong();
        double sum = in.readDouble();
        double squares = in.readDouble();
        List<List<Adwin.Bucket>> rows = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            List<Adwin.Bucket> row = new ArrayList<>();
            for (int buckets = in.readInt(); buckets > 0; buckets--) {
                row.add(new Adwin.Bucket(in.readDouble(), in.readDouble()));
            }
            rows.add(row);
        }
        return new ErrorDrift.State(rises, falls, newest, new Adwin.Window(ticks, sum, squares, rows));
    }

    static void write(EmbeddingDrift.State state, DataOutput out) throws IOException {
        writeRows(state.reference(), out);
        writeRows(state.newest(), out);
        writeRows(state.probes(), out);
        out.writeLong(state.probedVersion());
        out.writeInt(state.sinceLook());
        out.writeLong(state.changes());
        out.writeDouble(state.distance());
        out.writeBoolean(state.change() != null);
        if (state.change() != null) {
            out.writeLong(state.change().images());
            out.writeDouble(state.change().distance());
        }
    }

    private static void writeRows(List<EmbeddingDrift.Row> rows, DataOutput out) throws IOException {
        out.writeInt(rows.size());
        for (EmbeddingDrift.Row row : rows) {
            out.writeUTF(row.id());
            out.writeLong(row.version());
            out.writeInt(row.embedding().length);
            for (float component : row.embedding()) {
                out.writeFloat(component);
            }
        }
    }

    static EmbeddingDrift.State readEmbeddings(DataInput in) throws IOException {
        return new EmbeddingDrift.State(
                readRows(in),
                readRows(in),
                readRows(in),
                in.readLong(),
                in.readInt(),
                in.readLong(),
                in.readDouble(),
                in.readBoolean() ? new EmbeddingDrift.Change(in.readLong(), in.readDouble()) : null);
    }

    private static List<EmbeddingDrift.Row> readRows(DataInput in) throws IOException {
        List<EmbeddingDrift.Row> rows = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            String id = in.readUTF();
            long version = in.readLong();
            float[] embedding = new float[in.readInt()];
            for (int k = 0; k < embedding.length; k++) {
                embedding[k] = in.readFloat();
            }
            rows.add(new EmbeddingDrift.Row(id, version, embedding));
        }
        return rows;
    }
}
