package io.contrastream.encoders.dl4j.onednn;

import io.contrastream.encoders.dl4j.array.OperationTimes;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A primitive of oneDNN and the arrays that it works on, which are bound anew before every run. */
final class Primitive {

    private final OneDnn oneDnn;
    private final String name;
    private final primitive running;
    private final IntMemoryMap arguments = new IntMemoryMap();
    private final Map<Integer, memory> memories = new HashMap<>();
    private final Map<Integer, Long> addresses = new HashMap<>();

    /** @param name oneDNN's, for profiles */
    Primitive(OneDnn oneDnn, String name, primitive made) {
        this.name = name;
        this.oneDnn = oneDnn;
        this.running = made;
    }

    /** A copy from one layout to another. */
    static Primitive reorder(OneDnn oneDnn, memory.desc from, memory.desc to) {
        reorder copy = new reorder(new reorder.primitive_desc(oneDnn.cpu(), from, oneDnn.cpu(), to));
        return new Primitive(oneDnn, "reorder", copy)
                .takes(dnnl.DNNL_ARG_FROM, from)
                .takes(dnnl.DNNL_ARG_TO, to);
    }

    /** Declares an argument. */
    Primitive takes(int argument, memory.desc description) {
        memory unbound = new memory(description, oneDnn.cpu(), null);
        memories.put(argument, unbound);
        arguments.put(argument, unbound);
        return this;
    }

    /** Binds an argument to an array, whose values lie as the argument's description says. */
    Primitive with(int argument, INDArray array) {
        Pointer address = array.data().addressPointer();
        // Binding writes the zeros that fill up blocks, so it is left out where they are there already: arrays of a
        // workspace are at the same place in every step, and every primitive keeps the zeros.
        Long before = addresses.put(argument, address.address());
        if (before == null || before != address.address()) {
            memories.get(argument).set_data_handle(address);
        }
        return this;
    }

    void run() {
        OperationTimes times = OperationTimes.observing();
        long start = times == null ? 0 : System.nanoTime();
        running.execute(oneDnn.stream(), arguments);
        if (times != null) {
            times.add(name, System.nanoTime() - start);
        }
    }
}
