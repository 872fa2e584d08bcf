package coppice.bench;

import coppice.engine.Backend;
import coppice.nn.Trainer;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the time of a training step goes, by the backend's methods. What a backend defers is counted where it is computed: a
 * convolution whose results are normalised is computed with the moments of these, and the gradients of its input and weight with the
 * sums that batch norm or a bias needs of them. The rest is what the trainer does itself, such as the list of what ran; on one thread, the
 * next examples, too.
 */
public final class StepSplit {

    private static final long WARM_UP = 8_000_000_000L;
    private static final long MEASURED = 6_000_000_000L;

    /** Methods that take less of a step are put together. */
    private static final double LEAST = 0.01;

    private StepSplit() {}

    /** @param arguments networks with their batch such as {@code resnet-20/128}, and densities such as {@code 0.1} */
    public static void main(String[] arguments) {
        List<String> networks = Arrays.stream(arguments).filter(argument -> argument.contains("/")).toList();
        List<String> densities = Arrays.stream(arguments).filter(argument -> !argument.contains("/")).toList();
        try {
            networks.forEach(TrainingStep::check);
            densities.forEach(Asked::density);
        } catch (IllegalArgumentException e) {
            refuse(e.getMessage());
        }
        if (networks.isEmpty() || densities.isEmpty()) {
            refuse("NETWORK/BATCH… DENSITY…, for example: bench/run --split resnet-20/128 1.0 0.1");
        }
        for (String network : networks) {
            for (String density : densities) {
                System.out.println(split(network, Double.parseDouble(density)));
            }
        }
    }

    private static void refuse(String why) {
        System.err.println("bench/run --split: " + why);
        System.exit(2);
    }

    private static String split(String network, double density) {
        int threads = Runtime.getRuntime().availableProcessors();
        try (Backend backend = Backends.measured(threads)) {
            var timed = new Timed(backend);
            try (Trainer trainer = TrainingStep.trainer(timed.backend(), network, TrainingStep.randomMasks(network, density))) {
                for (long start = System.nanoTime(); System.nanoTime() - start < WARM_UP; ) {
                    trainer.step();
                }
                timed.nanos.clear();
                List<Double> steps = new ArrayList<>();
                for (long start = System.nanoTime(); System.nanoTime() - start < MEASURED; ) {
                    long began = System.nanoTime();
                    trainer.step();
                    steps.add(1e-6 * (System.nanoTime() - began));
                }
                return timed.table(network, density, steps);
            }
        }
    }

    /**
     * A backend whose methods are timed where the thread calls them that steps; what is done beside a step costs it nothing. It remembers no
     * step, since nobody calls its methods in one that is replayed: so there is a row for describing it, which replayed steps do without.
     */
    private record Timed(Backend real, Thread stepping, Map<String, Long> nanos) implements InvocationHandler {

        Timed(Backend real) {
            this(real, Thread.currentThread(), new TreeMap<>());
        }

        Backend backend() {
            return (Backend) Proxy.newProxyInstance(Timed.class.getClassLoader(), new Class<?>[] {Backend.class}, this);
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            if (method.getName().equals("record")) {
                ((Runnable) arguments[0]).run();
                return (Backend.Recording) () -> false;
            }
            long began = System.nanoTime();
            try {
                return method.invoke(real, arguments);
            } catch (InvocationTargetException failed) {
                throw failed.getCause();
            } finally {
                if (Thread.currentThread() == stepping) {
                    nanos.merge(name(method, arguments), System.nanoTime() - began, Long::sum);
                }
            }
        }

        /** With the function of an elementwise method, or the face of a product. */
        private static String name(Method method, Object[] arguments) {
            boolean isKind = arguments != null && arguments.length > 0 && arguments[0] instanceof Enum<?>;
            return method.getName() + (isKind ? " " + arguments[0] : "");
        }

        String table(String network, double density, List<Double> steps) {
            double step = steps.stream().mapToDouble(x -> x).average().orElseThrow();
            var text = new StringBuilder(String.format(Locale.ROOT, "## %s, %.4g %% left: %.2f ms a step, %.2f Gflop%n%n| | ms | share |%n|---|---|---|%n",
                    network, 100 * density, step, TrainingStep.work(network, density).flops() / 1e9));
            double small = 0;
            double rest = step;
            for (var each : nanos.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed()).toList()) {
                double ms = 1e-6 * each.getValue() / steps.size();
                rest -= ms;
                if (ms < LEAST * step) {
                    small += ms;
                } else {
                    text.append(row(each.getKey(), ms, step));
                }
            }
            return text.append(row("other methods", small, step)).append(row("description of the step: tape, tensors", rest, step)).toString();
        }

        private static String row(String name, double ms, double step) {
            return String.format(Locale.ROOT, "| %s | %.3f | %.1f %% |%n", name, ms, 100 * ms / step);
        }
    }
}
