package coppice.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The PTX under version control: made of the .cu files as they are, and good for each generation of GPUs, none of which is needed. */
class AssemblyTest {

    private static final Path SOURCES = Path.of("src/main/java/coppice/kernels/cuda");
    private static final Path PTX = Path.of("src/main/resources/coppice/kernels/cuda");
    private static final List<String> GENERATIONS = List.of("sm_75", "sm_80", "sm_86", "sm_89", "sm_90");
    private static final Pattern SPILLS = Pattern.compile("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");

    @TempDir
    private Path folder;

    @BeforeAll
    static void loadCompiler() {
        assumeTrue(Natives.exist("JNvPTXCompiler"), "skipped: JCuda has no PTX compiler for this machine");
        Natives.load("JNvPTXCompiler", JNvPTXCompiler.class);
    }

    static List<String> files() throws IOException {
        try (Stream<Path> sources = Files.list(SOURCES)) {
            return sources.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".cu"))
                    .map(name -> name.substring(0, name.length() - 3)).sorted().toList();
        }
    }

    static Stream<Arguments> filesAndGenerations() throws IOException {
        return files().stream().flatMap(file -> GENERATIONS.stream().map(generation -> Arguments.of(file, generation)));
    }

    @ParameterizedTest
    @MethodSource("filesAndGenerations")
    void assemblesWithoutSpills(String file, String generation) {
        byte[] ptx = Gpu.ptx(file);
        var handle = new nvPTXCompilerHandle();
        assertEquals(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS, JNvPTXCompiler.nvPTXCompilerCreate(handle, ptx.length, ptx));
        int result = JNvPTXCompiler.nvPTXCompilerCompile(handle, 2, new String[] {"--gpu-name=" + generation, "--verbose"});
        long[] size = new long[1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
        byte[] errors = new byte[Math.toIntExact(size[0]) + 1];
        JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, errors);
        assertEquals(nvPTXCompileResult.NVPTXCOMPILE_SUCCESS, result, () -> new String(errors, StandardCharsets.UTF_8));
        JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size);
        byte[] log = new byte[Math.toIntExact(size[0]) + 1];
        JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, log);
        JNvPTXCompiler.nvPTXCompilerDestroy(handle);
        Matcher spills = SPILLS.matcher(new String(log, StandardCharsets.UTF_8));
        int kernels = 0;
        for (; spills.find(); kernels++) {
            assertEquals("0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads", spills.group());
        }
        assertTrue(kernels > 0, () -> new String(log, StandardCharsets.UTF_8));
    }

    /** With the release of nvcc that made them: another one may choose other instructions. */
    @Test
    void isMadeOfTheSources() throws IOException, InterruptedException {
        assumeTrue(Emulation.isOnPath("nvcc"), "skipped: there is no nvcc to compile the kernels with");
        String release = output("nvcc", "--version").lines().filter(line -> line.contains("release")).findFirst().orElseThrow();
        String made = Files.readString(PTX.resolve("nvcc.txt")).strip();
        assumeTrue(release.equals(made), "skipped: PTX was made by \"" + made + "\", this is \"" + release + "\"");
        output(Path.of("compile-cuda").toAbsolutePath().toString(), folder.toString());
        for (String file : files()) {
            assertEquals(Files.readString(folder.resolve(file + ".ptx")), Files.readString(PTX.resolve(file + ".ptx")),
                    file + ".ptx is of another " + file + ".cu: run kernels/compile-cuda");
        }
        try (Stream<Path> stored = Files.list(PTX)) {
            assertEquals(files().size(), stored.filter(file -> file.toString().endsWith(".ptx")).count(), "PTX of .cu files that there are no more");
        }
    }

    private static String output(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(5, TimeUnit.MINUTES));
        assertEquals(0, process.exitValue(), output);
        return output;
    }
}
