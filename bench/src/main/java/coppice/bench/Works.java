package coppice.bench;

import java.util.Map;

/** What each benchmark has to do at least. A new one has its line here; without it, its table has no floors. */
final class Works {

    private static final Work UNKNOWN = new Work(0, 0);

    private Works() {}

    static Work of(String benchmark, String method, Map<String, String> parameters) {
        double density = Double.parseDouble(parameters.getOrDefault("density", "1"));
        return switch (benchmark) {
            case "DenseProduct", "SparseProduct", "OpenBlasProduct", "TorchProduct" ->
                    MatrixShape.of(parameters.get("shape")).work(density).times(ProductBenchmark.faces(method));
            case "Convolution", "TorchConvolution" ->
                    ConvolutionShape.of(parameters.get("layer")).work(density).times(ProductBenchmark.faces(method));
            case "TrainingStep" -> parameters.get("mask").equals("random") ? TrainingStep.work(parameters.get("network"), density) : UNKNOWN;
            case "MaskChange" -> MaskChange.work(method, parameters.get("network"), density);
            case "Passes" -> Passes.work(method, parameters.get("images"));
            default -> UNKNOWN;
        };
    }
}
