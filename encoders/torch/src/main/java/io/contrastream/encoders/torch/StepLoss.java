package io.contrastream.encoders.torch;

import io.contrastream.learning.network.Network;
import io.contrastream.learning.objective.CrossEntropy;
import io.contrastream.learning.objective.Distill;
import io.contrastream.learning.objective.Objective;
import io.contrastream.learning.objective.Proxy;
import io.contrastream.learning.objective.SupCon;
import io.contrastream.learning.objective.Term;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/** An objective as LibTorch's operations, one lowering a kind of term. */
final class StepLoss implements Program.Loss {

    private final Objective objective;
    private final Network network;
    private final RowLabels labels;
    private final Tensor fresh;
    private final ClassifierHead head;
    private final ProxyHead proxies;
    private final Tensor answers;
    private Tensor value;

    /**
     * The objective of a step.
     *
     * @param labels of the N views
     * @param fresh 1 for each view of a new image, else 0, [N]
     * @param answers of a teacher, [N, capacity]; null where none is needed
     */
    StepLoss(
            Objective objective,
            Network network,
            RowLabels labels,
            Tensor fresh,
            ClassifierHead head,
            ProxyHead proxies,
            Tensor answers) {
        this.objective = objective;
        this.network = network;
        this.labels = labels;
        this.fresh = fresh;
        this.head = head;
        this.proxies = proxies;
        this.answers = answers;
    }

    /** The loss, a scalar on the device. */
    Tensor value() {
        return value;
    }

    @Override
    public Map<String, Tensor> gradients(Function<String, Tensor> outputs) {
        Map<String, Tensor> gradients = new HashMap<>();
        for (Term term : objective.terms()) {
            String node = network.output(term.tap());
            Lowered lowered = term.accept(new Lowering(outputs.apply(node)));
            value = value == null ? lowered.loss() : value.add(lowered.loss());
            gradients.merge(node, lowered.gradient(), Tensor::add);
        }
        return gradients;
    }

    /** @param gradient of the output, [N, D] */
    private record Lowered(Tensor loss, Tensor gradient) {}

    private final class Lowering implements Term.Visitor<Lowered> {

        private final Tensor output;

        Lowering(Tensor output) {
            this.output = output;
        }

        @Override
        public Lowered supCon(SupCon term) {
            return ofUnitRows(term, z -> {
                SupConLoss loss = SupConLoss.of(z, labels, term);
                return new Lowered(loss.loss(), loss.gradient());
            });
        }

        @Override
        public Lowered proxy(Proxy term) {
            return ofUnitRows(term, z -> {
                ProxyLoss loss = ProxyLoss.of(z, labels, term, proxies);
                return new Lowered(loss.loss(), loss.gradient());
            });
        }

        private Lowered ofUnitRows(Term term, Function<Tensor, Lowered> loss) {
            if (network.hasUnitRows(term.tap())) {
                return loss.apply(output);
            }
            Tensor norms = UnitOperation.norms(output);
            Tensor z = output.div(norms);
            Lowered lowered = loss.apply(z);
            return new Lowered(lowered.loss(), UnitOperation.tangent(z, norms, lowered.gradient()));
        }

        @Override
        public Lowered crossEntropy(CrossEntropy term) {
            CrossEntropyLoss loss = CrossEntropyLoss.of(output, labels, fresh, term, head);
            return new Lowered(loss.loss(), loss.gradient());
        }

        @Override
        public Lowered distill(Distill term) {
            DistillLoss loss = DistillLoss.of(output, labels, answers, term, head);
            return new Lowered(loss.loss(), loss.gradient());
        }
    }
}
