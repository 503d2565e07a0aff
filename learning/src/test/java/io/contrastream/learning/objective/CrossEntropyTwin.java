package io.contrastream.learning.objective;

/**
 * {@link CrossEntropy} in double precision: what engines are held against, made for reading, not for speed.
 *
 * @param weight w of the loss
 */
public record CrossEntropyTwin(double weight) {

    /**
     * A loss and its derivatives.
     *
     * @param ofRows [N, D]
     * @param ofWeights [K, D]
     * @param ofBiases [K]
     */
    public record Value(double loss, double[][] ofRows, double[][] ofWeights, double[] ofBiases) {}

    /**
     * Value and gradients.
     *
     * @param h [N, D]
     * @param labels [N], below K
     * @param weights [K, D]
     * @param biases [K]
     */
    public Value of(double[][] h, int[] labels, double[][] weights, double[] biases) {
        int features = weights[0].length;
        double[][] ofRows = new double[h.length][features];
        double[][] ofWeights = new double[weights.length][features];
        double[] ofBiases = new double[weights.length];
        double loss = 0;
        for (int i = 0; i < h.length; i++) {
            double[] logits = biases.clone();
            for (int k = 0; k < logits.length; k++) {
                for (int d = 0; d < features; d++) {
                    logits[k] += weights[k][d] * h[i][d];
                }
            }
            double maximum = Double.NEGATIVE_INFINITY;
            for (double logit : logits) {
                maximum = Math.max(maximum, logit);
            }
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit - maximum);
            }
            loss += maximum + Math.log(sum) - logits[labels[i]];
            for (int k = 0; k < logits.length; k++) {
                double slope = weight / h.length * (Math.exp(logits[k] - maximum) / sum - (k == labels[i] ? 1 : 0));
                ofBiases[k] += slope;
                for (int d = 0; d < features; d++) {
                    ofRows[i][d] += slope * weights[k][d];
                    ofWeights[k][d] += slope * h[i][d];
                }
            }
        }
        return new Value(weight * loss / h.length, ofRows, ofWeights, ofBiases);
    }
}
