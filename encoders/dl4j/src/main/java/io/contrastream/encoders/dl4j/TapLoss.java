package io.contrastream.encoders.dl4j;

import io.contrastream.encoders.dl4j.array.Kernels;
import io.contrastream.encoders.dl4j.array.Transfer;
import io.contrastream.learning.encoder.ViewFacts;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.Term;
import java.util.List;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The terms of an objective that look at one output, as DL4J takes a loss. Which they are may change with every step. */
final class TapLoss extends LossFunction {

    private final boolean unit;
    private final Kernels kernels;
    private transient List<Term> terms = List.of();
    private transient ViewFacts facts;
    private transient ClassifierHead head;
    private transient ProxyHead proxies;
    private transient double[] answers = {};

    /** @param unit whether the output is the rows of the vertex brought to unit length, which is then done here */
    TapLoss(boolean unit, Kernels kernels) {
        this.unit = unit;
        this.kernels = kernels;
    }

    /**
     * From now on it is of these terms.
     *
     * @param newAnswers of a teacher, [N · capacity]; empty where none is needed
     */
    void set(
            List<Term> newTerms,
            ViewFacts newFacts,
            ClassifierHead newHead,
            ProxyHead newProxies,
            double[] newAnswers) {
        terms = newTerms;
        facts = newFacts;
        head = newHead;
        proxies = newProxies;
        answers = newAnswers;
    }

    /**
     * @param output of the vertex, x, [N, D]
     * @return dx, [N, D]
     */
    @Override
    public INDArray computeGradient(INDArray ignored, INDArray output, IActivation activation, INDArray mask) {
        // In whichever workspace is open: that of temporaries.
        INDArray result = Nd4j.create(output.dataType(), output.shape());
        value(0);
        if (!terms.isEmpty()) {
            Lowering lowering = new Lowering(output);
            double loss = 0;
            for (Term term : terms) {
                loss += term.accept(lowering);
            }
            value(loss);
            Transfer.put(lowering.gradient(), result);
        }
        return result;
    }

    /** Adds up the gradients of terms. */
    private final class Lowering implements Term.Visitor<Double> {

        private final INDArray output;
        private final double[] ofOutput;
        private UnitRows rows;
        private INDArray z;
        private double[] ofUnit;

        Lowering(INDArray output) {
            this.output = output;
            this.ofOutput = new double[Math.toIntExact(output.length())];
        }

        private void needUnitRows() {
            if (rows == null) {
                rows = UnitRows.of(Transfer.doubles(output), output.columns());
                z = Nd4j.createUninitialized(output.dataType(), output.rows(), output.columns());
                Transfer.put(rows.values(), z);
                ofUnit = new double[ofOutput.length];
            }
        }

        @Override
        public Double supCon(SupCon term) {
            needUnitRows();
            return new SupConTerm(term, kernels).add(z, facts.labelSets(), ofUnit);
        }

        @Override
        public Double crossEntropy(CrossEntropy term) {
            return new CrossEntropyTerm(term, kernels).add(rows(), facts, head, ofRows());
        }

        @Override
        public Double distill(Distill term) {
            return new DistillTerm(term, kernels).add(rows(), facts.labels(), answers, head, ofRows());
        }

        @Override
        public Double proxy(Proxy term) {
            needUnitRows();
            return new ProxyTerm(term, kernels).add(z, facts.labelSets(), proxies, ofUnit);
        }

        /** The rows of the output as the network has them. */
        private INDArray rows() {
            if (unit) {
                needUnitRows();
                return z;
            }
            return output;
        }

        private double[] ofRows() {
            return unit ? ofUnit : ofOutput;
        }

        double[] gradient() {
            if (rows != null) {
                rows.addTangents(ofUnit, ofOutput);
            }
            return ofOutput;
        }
    }

    @Override
    public String name() {
        return "of an output";
    }
}
