package coppice.kernels;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Another Java virtual machine with this one's class path, for settings that are fixed at the start. */
public record ChildJvm(int exitCode, String output) {

    /**
     * Runs a main class to its end.
     *
     * @param kept    which of this machine's own flags to pass on
     * @param added   further flags
     * @param command the main class and its arguments
     */
    public static ChildJvm run(Predicate<String> kept, List<String> added, String... command) throws IOException, InterruptedException {
        return run(Map.of(), kept, added, command);
    }

    /** The same. @param environment variables that it has beside this machine's */
    public static ChildJvm run(Map<String, String> environment, Predicate<String> kept, List<String> added, String... command)
            throws IOException, InterruptedException {
        var line = new ArrayList<String>();
        line.add(ProcessHandle.current().info().command().orElseThrow());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(kept).forEach(line::add);
        line.addAll(added);
        line.add("-cp");
        line.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        line.addAll(List.of(command));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new ChildJvm(process.waitFor(), output);
    }
}
